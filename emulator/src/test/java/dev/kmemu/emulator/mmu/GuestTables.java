package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static dev.kmemu.emulator.mmu.PageTableEntry.USER;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITABLE;

import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;

/** 256 KiB of RAM with one table of each level, 0x1000 to 0x4000, chained by {@link #VA}. */
final class GuestTables {

  static final int PML4 = 0x1000;
  static final int PDPT = 0x2000;
  static final int PD = 0x3000;
  static final int PT = 0x4000;
  static final long RAM_BYTES = 0x40000;

  /** Index 1 at every level but 3 in the PML4, and an offset of 0x123. */
  static final VirtualAddress VA = new VirtualAddress(3L << 39 | 1L << 30 | 1L << 21 | 0x1123);

  static final long CR0 = PagingMode.CR0_PG | PagingMode.CR0_WP;
  static final long CR4 = PagingMode.CR4_PAE | PagingMode.CR4_PGE;
  static final long EFER = PagingMode.EFER_LME | PagingMode.EFER_NXE;

  private static final long OPEN = PRESENT | WRITABLE | USER;

  final PhysicalMemory ram = new PhysicalMemory(new DirectMapping(RAM_BYTES));
  final PageWalker walker = new PageWalker(ram);

  GuestTables() {
    pml4e(PDPT | OPEN).pdpte(PD | OPEN).pde(PT | OPEN);
  }

  GuestTables pml4e(long entry) {
    return store(PML4 + 3 * 8, entry);
  }

  GuestTables pdpte(long entry) {
    return store(PDPT + 8, entry);
  }

  GuestTables pde(long entry) {
    return store(PD + 8, entry);
  }

  GuestTables pte(long entry) {
    return store(PT + 8, entry);
  }

  GuestTables store(long address, long entry) {
    ram.store64(new PhysicalAddress(address), entry);
    return this;
  }

  Translation walk() {
    return walk(mode(), VA);
  }

  /** Walks, and holds the fast path to the same answer. */
  Translation walk(PagingMode mode, VirtualAddress address) {
    Translation translation = walker.walk(mode, address);
    long expected =
        translation instanceof Translation.Mapped mapped
            ? mapped.physical().value()
            : PageWalker.UNMAPPED;
    long fast = walker.translate(mode, address.value());
    if (fast != expected) {
      throw new AssertionError(String.format("%s: fast path says 0x%x", translation, fast));
    }
    return translation;
  }

  static PagingMode mode() {
    return mode(CR0, CR4, EFER);
  }

  static PagingMode mode(long cr0, long cr4, long efer) {
    return PagingMode.of(cr0, PML4, cr4, efer, 0);
  }
}
