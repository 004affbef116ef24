package dev.kmemu.walk;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.HexFormat;

/**
 * A CPU in one ring that works through a queue of accesses. An access that faults is recorded and
 * passed over, so that a whole queue is one run.
 */
final class WalkMachine implements AutoCloseable {

  /** Instructions of the guest, all in the page {@link WalkLayout#CODE}. */
  private static final String LOOP =
      """
      498938              mov [r8], rdi
      488b37              mov rsi, [rdi]
      488b5708            mov rdx, [rdi+8]
      ffe2                jmp rdx
      """;

  private static final String READ = "488b06 eb2b"; // mov rax, [rsi]; jmp store
  private static final String WRITE = "48893e b801000000 eb16"; // mov [rsi], rdi; mov eax, 1; ...
  private static final String FETCH = "ffe6"; // jmp rsi
  private static final String STORE = "48894710 90909090 90909090 90909090"; // mov [rdi+16], rax
  private static final String NEXT = "4883c720 48ffc9 75a7 0f0b"; // add, dec, jnz loop, ud2

  private static final long READ_AT = WalkLayout.CODE + 0x10;
  private static final long WRITE_AT = WalkLayout.CODE + 0x20;
  private static final long FETCH_AT = WalkLayout.CODE + 0x30;
  private static final long STORE_AT = WalkLayout.CODE + 0x40;
  private static final long NEXT_AT = WalkLayout.CODE + 0x50;
  private static final long IRETQ_AT = WalkLayout.CODE + 0x80;

  private static final int KERNEL_CS = 0x08;
  private static final int KERNEL_SS = 0x10;
  private static final int USER_CS = 0x1B;
  private static final int USER_SS = 0x23;

  private final PhysicalMemory ram;
  private final CpuEngine cpu;
  private final boolean user;
  private AccessQueue queue = new AccessQueue();

  WalkMachine(Unicorn unicorn, boolean user) {
    this.user = user;
    ram = new PhysicalMemory(new AnonymousMapping(WalkLayout.RAM_BYTES));
    cpu = unicorn.createCpu(ram);
    cpu.setTrapHandler(this::onTrap);
    mapItself();
    for (int i = 0; i < WalkLayout.FRAMES; i++) {
      fillLandingPage(WalkLayout.frame(PageTableLevel.PT, i));
    }
    code(WalkLayout.CODE, LOOP.replaceAll("(?m) .*$", ""));
    code(READ_AT, READ);
    code(WRITE_AT, WRITE);
    code(FETCH_AT, FETCH);
    code(STORE_AT, STORE);
    code(NEXT_AT, NEXT);
    code(IRETQ_AT, "48cf");
    start();
  }

  PhysicalMemory ram() {
    return ram;
  }

  CpuEngine cpu() {
    return cpu;
  }

  /** Loads the control registers. */
  void set(PagingMode mode) {
    RegisterFile registers = cpu.registers();
    registers.write(Register.CR0, mode.cr0());
    registers.write(Register.CR4, mode.cr4());
    registers.write(Register.EFER, mode.efer());
    registers.write(Register.RFLAGS, mode.rflags());
    require(Register.CR4, mode.cr4());
    require(Register.EFER, mode.efer());
  }

  /** Makes all accesses of {@code work}, each with a translation that was never used. */
  void run(AccessQueue work) {
    queue = work;
    RegisterFile registers = cpu.registers();
    registers.write(Register.RDI, WalkLayout.QUEUE);
    registers.write(Register.RCX, work.size());
    registers.write(Register.RBX, STORE_AT);
    registers.write(Register.R8, WalkLayout.PROGRESS);
    registers.write(Register.RIP, WalkLayout.CODE);
    cpu.tlb().invalidateAll();
    CpuExit exit = cpu.run();
    if (exit != CpuExit.HandlerEnded.INSTANCE || registers.read(Register.RCX) != 0) {
      throw new IllegalStateException(
          String.format(
              "%d accesses left at RIP 0x%x: %s",
              registers.read(Register.RCX), registers.read(Register.RIP), exit));
    }
  }

  /** Returns where the instruction of an access is, which is what a fault must point to. */
  static long instruction(AccessKind kind, long address) {
    return switch (kind) {
      case READ -> READ_AT;
      case WRITE -> WRITE_AT;
      case FETCH -> address;
    };
  }

  /** Returns the code that makes an access. */
  static long routine(AccessKind kind) {
    return kind == AccessKind.FETCH ? FETCH_AT : instruction(kind, 0);
  }

  /** Returns what the code of a landing page leaves in RAX. */
  static long landingCodeResult(long page) {
    return page >>> VirtualAddress.PAGE_SHIFT;
  }

  private TrapAction onTrap(InterruptibleFrame frame) {
    long rip = frame.rip();
    if (frame.vector() == TrapFrame.INVALID_OPCODE) {
      return TrapAction.END;
    }
    int index =
        (int) ((ram.load64(WalkLayout.PROGRESS) - WalkLayout.QUEUE) / WalkLayout.ITEM_BYTES);
    queue.fault(index, frame.vector(), frame.errorCode(), frame.faultAddress(), rip);
    frame.setRip(NEXT_AT);
    return TrapAction.RESUME;
  }

  private void require(Register register, long value) {
    long held = cpu.registers().read(register);
    if (held != value) {
      throw new IllegalStateException(
          String.format("%s is 0x%x where 0x%x was written", register, held, value));
    }
  }

  /** Maps the first 2 MiB one to one, by entries that have A and D set already. */
  private void mapItself() {
    long flags = user ? 0x27 : 0x23;
    store(WalkLayout.PML4, 0x6000 | flags);
    store(0x6000, 0x7000 | flags);
    store(0x7000, 0xC0 | flags);
  }

  private void fillLandingPage(long page) {
    for (long at = page; at < page + WalkLayout.LANDING_CODE; at += Long.BYTES) {
      store(at, at);
    }
    // mov eax, number; jmp rbx
    store(page + WalkLayout.LANDING_CODE, 0xB8L | landingCodeResult(page) << 8 | 0xE3FFL << 40);
  }

  private void start() {
    set(new Controls(true, false, false, false, false, false, user).mode(WalkLayout.PML4));
    RegisterFile registers = cpu.registers();
    registers.write(Register.CR3, WalkLayout.PML4);
    store(WalkLayout.GDT + KERNEL_CS, 0x0020_9A00_0000_0000L);
    store(WalkLayout.GDT + KERNEL_SS, 0x0000_9200_0000_0000L);
    store(WalkLayout.GDT + (USER_CS & -8), 0x0020_FA00_0000_0000L);
    store(WalkLayout.GDT + (USER_SS & -8), 0x0000_F200_0000_0000L);
    registers.write(Register.GDTR_BASE, WalkLayout.GDT);
    registers.write(Register.GDTR_LIMIT, 0x27);
    registers.write(Register.CS, KERNEL_CS);
    registers.write(Register.SS, KERNEL_SS);
    if (user) {
      long[] frame = {NEXT_AT + 9, USER_CS, 2, WalkLayout.STACK_TOP, USER_SS}; // to the ud2
      for (int i = 0; i < frame.length; i++) {
        store(WalkLayout.STACK_TOP - 8L * (frame.length - i), frame[i]);
      }
      registers.write(Register.RSP, WalkLayout.STACK_TOP - 8L * frame.length);
      registers.write(Register.RIP, IRETQ_AT);
      cpu.run();
    }
    long cpl = registers.read(Register.CS) & 3;
    if (cpl != (user ? 3 : 0)) {
      throw new IllegalStateException("the CPL is " + cpl);
    }
  }

  private void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    ram.write(new PhysicalAddress(at), bytes, 0, bytes.length);
  }

  /** Writes a word of RAM. */
  void store(long at, long value) {
    ram.store64(new PhysicalAddress(at), value);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
