package dev.kmemu.conformance.scanning;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.pmap.PteBits;

/** The SDM's 4-level page tables in RAM, by physical address (volume 3, 4.5). */
final class TableWalk {

  static final int ROOT = 39;
  static final int DIRECTORY = 21;
  static final int PAGE = 12;
  static final int BITS = 9;
  static final long FRAME = PteBits.FRAME;

  private static final int SLOTS = 512;
  private static final long CANONICAL = (1L << 48) - 1;

  /** Sees an entry that maps something. */
  @FunctionalInterface
  interface Leaf {
    /** Receives the address, where the entry is, and whether it maps 2 MiB; false ends the walk. */
    boolean visit(long va, long slot, boolean large);
  }

  private final PhysicalMemory ram;

  TableWalk(PhysicalMemory ram) {
    this.ram = ram;
  }

  long load(long slot) {
    return ram.load64(slot);
  }

  long exchange(long slot, long entry) {
    return ram.getAndSet64(slot, entry);
  }

  long change(long slot, long clear, long set) {
    long old = load(slot);
    while (!ram.compareAndSet64(slot, old, (old & ~clear) | set)) {
      old = load(slot);
    }
    return old;
  }

  /**
   * Returns where the entry of {@code va} at a level is, 0 below a missing table or a 2 MiB page.
   */
  long slot(long root, long va, int shift) {
    long table = root;
    for (int at = ROOT; ; at -= BITS) {
      long slot = table + ((va >>> at) & (SLOTS - 1)) * Long.BYTES;
      if (at == shift) {
        return slot;
      }
      long entry = load(slot);
      if ((entry & PteBits.V) == 0 || (entry & PteBits.PS) != 0) {
        return 0;
      }
      table = entry & FRAME;
    }
  }

  boolean isEmpty(long table) {
    for (int i = 0; i < SLOTS; i++) {
      if (load(table + (long) i * Long.BYTES) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Shows the leaves of [start, last]. */
  void leaves(long root, long start, long last, Leaf leaf) {
    walk(root, ROOT, 0, start & CANONICAL, last & CANONICAL, leaf);
  }

  private boolean walk(long table, int shift, long base, long start, long last, Leaf leaf) {
    long first = start <= base ? 0 : (start - base) >>> shift;
    for (long i = first; i < SLOTS && base + (i << shift) <= last; i++) {
      long slot = table + i * Long.BYTES;
      long entry = load(slot);
      if (entry == 0) {
        continue;
      }
      long at = base + (i << shift);
      boolean large = shift == DIRECTORY && (entry & PteBits.PS) != 0;
      boolean maps = shift == PAGE || large;
      boolean goesOn =
          maps
              ? leaf.visit((at << 16) >> 16, slot, large)
              : walk(entry & FRAME, shift - BITS, at, start, last, leaf);
      if (!goesOn) {
        return false;
      }
    }
    return true;
  }
}
