package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Where a kernel finds its code, stack and data: the same addresses, page sizes and page-table walk
 * as in {@code floor.c}.
 *
 * <p>A kernel is entered at its first byte with RSP at the address of a HLT, RDI = n, RSI = area A,
 * RDX = area B; it returns its result in RAX. Everything is mapped by 4 KiB pages, data with NX.
 */
final class GuestLayout {

  static final long RAM_BYTES = 64L << 20;
  static final long CODE = 0xFFFF_FFFF_8020_0000L;
  static final long HLT = 0xFFFF_FFFF_8020_F000L;
  static final long AREA_A = 0xFFFF_8880_0100_0000L;

  /** Its pages don't share entries of a direct-mapped TLB with area A's. */
  static final long AREA_B = 0xFFFF_8880_0212_3000L;

  /** Pages that {@code touch} faults in. */
  static final long FAULT = 0xFFFF_FFC0_0000_0000L;

  static final int FAULT_PAGES = 1024;

  private static final long PML4 = 0x10_0000;
  private static final long TABLES_END = 0x20_0000;
  private static final long CODE_PA = 0x20_0000;
  private static final int CODE_BYTES = 0x1_0000;
  private static final long STACK = 0xFFFF_FFFF_8030_0000L;
  private static final long STACK_PA = 0x30_0000;
  private static final int STACK_BYTES = 0x1_0000;
  private static final int RETURN_ADDRESS = STACK_BYTES - 24;
  private static final long FAULT_PA = 0x40_0000;
  private static final long AREA_A_PA = 0x100_0000;
  private static final long AREA_B_PA = 0x200_0000;
  private static final int AREA_BYTES = 16 << 20;
  private static final long PATTERN = 0x9E37_79B9_7F4A_7C15L;
  private static final byte HLT_OPCODE = (byte) 0xF4;

  private static final long PRESENT_WRITABLE = 3;
  private static final long USER = 4;
  private static final long NO_EXECUTE = 1L << 63;
  private static final long FRAME = 0xF_FFFF_FFFF_F000L;
  private static final long FAULT_OFFSET = (FAULT_PAGES - 1L) * VirtualAddress.PAGE_SIZE;

  private final PhysicalMemory ram;
  private long nextTable = PML4 + VirtualAddress.PAGE_SIZE;

  /** Builds the page tables in {@code ram}, {@link #RAM_BYTES} that are zero. */
  GuestLayout(PhysicalMemory ram) {
    this.ram = ram;
    map(CODE, CODE_PA, CODE_BYTES, PRESENT_WRITABLE);
    map(STACK, STACK_PA, STACK_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
    map(AREA_A, AREA_A_PA, AREA_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
    map(AREA_B, AREA_B_PA, AREA_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
  }

  /** Switches paging on. */
  static void enterLongMode(RegisterFile registers) {
    registers.write(Register.EFER, 0xD01);
    registers.write(Register.CR4, 0x620);
    registers.write(Register.CR3, PML4);
    registers.write(Register.CR0, 0x8005_0033L);
  }

  /** Places a kernel's code and the HLT it returns to, and gives the areas their first contents. */
  void place(byte[] code) {
    ram.zero(new PhysicalAddress(CODE_PA), CODE_BYTES);
    ram.write(new PhysicalAddress(CODE_PA), code, 0, code.length);
    ram.store8(new PhysicalAddress(CODE_PA + (HLT - CODE)), HLT_OPCODE);
    for (long at = 0; at < AREA_BYTES; at += Long.BYTES) {
      ram.store64(new PhysicalAddress(AREA_A_PA + at), (at / Long.BYTES + 1) * PATTERN);
    }
    ram.zero(new PhysicalAddress(AREA_B_PA), AREA_BYTES);
  }

  /** Stands the CPU at the kernel's entry. */
  void prepare(RegisterFile registers, long n, long areaA) {
    ram.store64(new PhysicalAddress(STACK_PA + RETURN_ADDRESS), HLT);
    registers.write(Register.RSP, STACK + RETURN_ADDRESS);
    registers.write(Register.RDI, n);
    registers.write(Register.RSI, areaA);
    registers.write(Register.RDX, AREA_B);
    registers.write(Register.RIP, CODE);
  }

  /** Makes the first pages at {@link #FAULT} fault; the caller then flushes the TLB. */
  void unmapFaultPages(int pages) {
    for (int i = 0; i < pages; i++) {
      setEntry(FAULT + (long) i * VirtualAddress.PAGE_SIZE, 0);
    }
  }

  /** Maps the page at {@link #FAULT} that holds {@code va}. */
  void mapFaultPage(long va) {
    setEntry(va, (FAULT_PA + (va & FAULT_OFFSET)) | PRESENT_WRITABLE | NO_EXECUTE);
  }

  /** Lets ring 3 use the page at {@code va}, by the U/S bits of the whole way to it. */
  void openToUsers(long va) {
    long table = PML4;
    for (int shift = 39; shift >= VirtualAddress.PAGE_SHIFT; shift -= 9) {
      PhysicalAddress slot = slot(table, va, shift);
      long entry = ram.load64(slot) | USER;
      ram.store64(slot, entry);
      table = entry & FRAME;
    }
  }

  private void map(long va, long pa, long bytes, long bits) {
    for (long at = 0; at < bytes; at += VirtualAddress.PAGE_SIZE) {
      setEntry(va + at, (pa + at) | bits);
    }
  }

  private void setEntry(long va, long entry) {
    long table = PML4;
    for (int shift = 39; shift > VirtualAddress.PAGE_SHIFT; shift -= 9) {
      PhysicalAddress slot = slot(table, va, shift);
      long next = ram.load64(slot);
      if ((next & 1) == 0) {
        if (nextTable == TABLES_END) {
          throw new IllegalStateException("no room for another page table");
        }
        next = nextTable | PRESENT_WRITABLE;
        nextTable += VirtualAddress.PAGE_SIZE;
        ram.store64(slot, next);
      }
      table = next & FRAME;
    }
    ram.store64(slot(table, va, VirtualAddress.PAGE_SHIFT), entry);
  }

  private static PhysicalAddress slot(long table, long va, int shift) {
    return new PhysicalAddress(table + ((va >>> shift) & 511) * Long.BYTES);
  }
}
