package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.KernelGrowth;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_map_findspace}: the lowest free range that fits. {@code first_free}, which is inert in
 * this era, is left out.
 */
public final class MapSpace {

  /** Returned when nothing fits; no map reaches up to this address. */
  public static final long NO_SPACE = -1;

  /** So many entries are passed one by one before a look into the tree is cheaper. */
  private static final int NEAR = 32;

  private final KernelGrowth growth;
  private @Nullable VmMap kernelMap;

  MapSpace(KernelGrowth growth) {
    this.growth = growth;
  }

  /** Names the one map whose page tables grow with it. */
  void setKernelMap(VmMap map) {
    kernelMap = map;
  }

  /**
   * Finds {@code length} bytes at or above {@code start}; the map is locked exclusively.
   *
   * @param length in bytes, unsigned; 0 fits anywhere, even between two entries that touch
   * @param align in bytes, 1 or more, a power of two or not
   * @param flags 0 or {@link EntryFlags#MAP_STACK}
   * @return the address, or {@link #NO_SPACE}
   */
  public long find(VmMap map, long start, long length, long align, int flags) {
    long from = VmArith.max(start, map.min());
    if (VmArith.below(map.max(), from)) {
      return NO_SPACE;
    }
    VmMapEntry before = map.lookupEntry(from);
    while (before != null) {
      long at = VmArith.max(from, before == map.header ? map.min() : before.end);
      long aligned = align(at, align);
      if (fits(map, before, at, aligned, length, flags)) {
        map.hint = before;
        growPageTables(map, aligned, length);
        return aligned;
      }
      before = map.tree.nextWithGap(lastBefore(map, before, aligned), length);
    }
    return NO_SPACE;
  }

  /**
   * Returns the last entry behind which {@code aligned}, the lowest candidate, can't be the answer:
   * {@code tooSmall} or a later one. A coarse alignment passes over whole stretches of gaps.
   */
  private static VmMapEntry lastBefore(VmMap map, VmMapEntry tooSmall, long aligned) {
    VmMapEntry last = tooSmall;
    for (int i = 0; i < NEAR; i++) {
      VmMapEntry next = last.next;
      if (next == map.header
          || next.next == map.header
          || !VmArith.below(next.next.start, aligned)) {
        return last;
      }
      last = next;
    }
    return map.tree.floor(aligned - 1).prev;
  }

  private static boolean fits(
      VmMap map, VmMapEntry before, long at, long aligned, long length, int flags) {
    long end = aligned + length;
    if (VmArith.below(aligned, at)
        || VmArith.below(end, aligned)
        || VmArith.below(map.max(), end)) {
      return false;
    }
    VmMapEntry next = before.next;
    if (next == map.header) {
      return true;
    }
    if (VmArith.below(next.start, end)) {
      return false;
    }
    return !next.has(EntryFlags.STACK)
        || (flags & EntryFlags.MAP_STACK) != 0
        || !VmArith.below(next.start - next.availableStack, end);
  }

  private void growPageTables(VmMap map, long start, long length) {
    if (map == kernelMap) {
      long end = VmArith.roundPage(start + length);
      if (VmArith.below(growth.kernelVmEnd(), end)) {
        growth.grow(start, end);
      }
    }
  }

  private static long align(long address, long align) {
    if ((align & (align - 1)) == 0) {
      return (address + align - 1) & -align;
    }
    long remainder = Long.remainderUnsigned(address, align);
    return remainder == 0 ? address : address - remainder + align;
  }
}
