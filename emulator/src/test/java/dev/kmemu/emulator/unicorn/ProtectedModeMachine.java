package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.HexFormat;

/**
 * A CPU in 32-bit protected mode over 16 MiB of RAM. Its own first pages are mapped one to one both
 * for 32-bit and for PAE paging; the entries under test are elsewhere. Each frame of 2 MiB has a
 * page that everything leads to, with its own number in each word and code that returns it.
 */
final class ProtectedModeMachine implements AutoCloseable {

  static final long RAM_BYTES = 16 << 20;
  static final int FRAMES = 8;
  static final long FRAME_BYTES = 2 << 20;

  /** Offset of the page with the numbers. */
  static final long LANDING = 0x5_5000;

  static final long DATA_OFFSET = 0x100;
  static final long CODE_OFFSET = 0xFC0;

  static final long PAGE_DIRECTORY = 0x4000;
  static final long PDPT = 0x7000;

  private static final long CODE = 0x1000;
  private static final long GDT = 0x2000;
  private static final long STACK = 0x3000;
  private static final long[] ROUTINES = {CODE, CODE + 0x10, CODE + 0x20};

  final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(RAM_BYTES));
  final CpuEngine cpu = UnicornLoader.load().createCpu(ram);

  int vector;
  int errorCode;
  long faultAddress;

  /** Enters protected mode, without paging. */
  ProtectedModeMachine(boolean user) {
    code(ROUTINES[0], "8b06 0f0b"); // mov eax, [esi]; ud2
    code(ROUTINES[1], "893e 0f0b"); // mov [esi], edi; ud2
    code(ROUTINES[2], "ffe6"); // jmp esi
    code(CODE + 0x30, "cf"); // iret
    code(CODE + 0x40, "0f0b"); // ud2
    for (int i = 0; i < FRAMES; i++) {
      fill(i * FRAME_BYTES + LANDING);
    }
    long flags = user ? 0x67 : 0x63;
    store(PAGE_DIRECTORY, 0x5000 | flags);
    store(PDPT, 0x8001);
    store(0x8000, 0x9000 | flags);
    for (int i = 0; i < 64; i++) {
      ram.store32(new PhysicalAddress(0x5000 + 4L * i), (int) (i * 0x1000L | flags));
      store(0x9000 + 8L * i, i * 0x1000L | flags);
    }
    leaveLongMode();
    cpu.setTrapHandler(
        frame -> {
          vector = frame.vector();
          errorCode = frame.errorCode();
          faultAddress = frame.faultAddress();
          return TrapAction.END;
        });
    if (user) {
      int[] frame = {(int) CODE + 0x40, 0x1B, 0x2, (int) STACK, 0x23};
      for (int i = 0; i < frame.length; i++) {
        ram.store32(new PhysicalAddress(STACK - 4L * (frame.length - i)), frame[i]);
      }
      cpu.registers().write(Register.RSP, STACK - 4L * frame.length);
      cpu.registers().write(Register.RIP, CODE + 0x30);
      cpu.run();
      if (vector != TrapFrame.INVALID_OPCODE) {
        throw new IllegalStateException("no way to ring 3: vector " + vector);
      }
    }
  }

  /** The CPU is born in long mode, which only clearing PG ends. */
  private void leaveLongMode() {
    RegisterFile registers = cpu.registers();
    registers.write(Register.CR4, PagingMode.CR4_PAE);
    registers.write(Register.EFER, PagingMode.EFER_LME);
    registers.write(Register.CR0, PagingMode.CR0_PG | 1);
    registers.write(Register.CR0, 1);
    registers.write(Register.EFER, 0);
    registers.write(Register.CR4, 0);
    store(GDT + 0x08, 0x00CF_9A00_0000_FFFFL);
    store(GDT + 0x10, 0x00CF_9200_0000_FFFFL);
    store(GDT + 0x18, 0x00CF_FA00_0000_FFFFL);
    store(GDT + 0x20, 0x00CF_F200_0000_FFFFL);
    registers.write(Register.GDTR_BASE, GDT);
    registers.write(Register.GDTR_LIMIT, 0x27);
    registers.write(Register.CS, 0x08);
    registers.write(Register.SS, 0x10);
    registers.write(Register.DS, 0x10);
    registers.write(Register.ES, 0x10);
  }

  void set(PagingMode mode) {
    RegisterFile registers = cpu.registers();
    registers.write(Register.CR0, 1);
    registers.write(Register.EFER, mode.efer());
    registers.write(Register.CR4, mode.cr4());
    registers.write(Register.CR3, mode.cr3());
    registers.write(Register.CR0, mode.cr0());
    registers.write(Register.RFLAGS, mode.rflags() | 2);
  }

  /**
   * Makes an access, with EDI for a write.
   *
   * @return EAX
   */
  long access(AccessKind kind, long address, long edi) {
    RegisterFile registers = cpu.registers();
    registers.write(Register.RAX, 0);
    registers.write(Register.RSI, address);
    registers.write(Register.RDI, edi);
    long routine =
        switch (kind) {
          case READ -> ROUTINES[0];
          case WRITE -> ROUTINES[1];
          case FETCH -> ROUTINES[2];
        };
    registers.write(Register.RIP, routine);
    cpu.tlb().invalidateAll();
    vector = -1;
    cpu.run();
    return registers.read(Register.RAX);
  }

  void store(long at, long value) {
    ram.store64(new PhysicalAddress(at), value);
  }

  private void fill(long page) {
    long number = page >>> 12;
    for (long at = page; at < page + CODE_OFFSET; at += 8) {
      store(at, number << 32 | number);
    }
    store(page + CODE_OFFSET, 0xB8L | number << 8 | 0x0B0FL << 40); // mov eax, number; ud2
  }

  private void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ram.write(new PhysicalAddress(at), bytes, 0, bytes.length);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
