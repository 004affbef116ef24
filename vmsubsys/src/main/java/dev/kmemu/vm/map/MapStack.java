package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import org.jspecify.annotations.Nullable;

/** {@code vm_map_stack} and {@code vm_map_growstack}: mappings that grow down on demand. */
public final class MapStack {

  /** {@code SGROWSIZ}: what a stack begins with, and grows by. */
  public static final long GROWTH = 128 << 10;

  private final EntryReserve reserve;
  private final MapSpace space;
  private final MapInsertion insertion;
  private final EntryClipping clipping;

  MapStack(EntryReserve reserve, MapSpace space, MapInsertion insertion, EntryClipping clipping) {
    this.reserve = reserve;
    this.space = space;
    this.insertion = insertion;
    this.clipping = clipping;
  }

  /**
   * {@code vm_map_stack}: maps the top of a stack that may grow down to {@code bottom}.
   *
   * @param bottom the lowest address, or where the search for room begins
   * @param maxSize bytes up to the top, a multiple of the page size
   * @param fixed {@code MAP_FIXED}: take {@code bottom} as it is
   * @param cow {@code MAP_} bits of {@link EntryFlags} beside {@link EntryFlags#MAP_IS_STACK}
   * @return the lowest address with SUCCESS; NO_SPACE when any of it is taken
   */
  public VmMaps.Found stack(
      VmMap map, long bottom, long maxSize, boolean fixed, int prot, int maxProt, int cow) {
    long size = VmArith.min(maxSize, GROWTH);
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(
            null, 0, MapType.NORMAL, prot, maxProt, cow | EntryFlags.MAP_IS_STACK);
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long low = bottom;
        if (!fixed) {
          low = space.find(map, bottom, maxSize, VmArith.PAGE_SIZE, 0);
          if (low == MapSpace.NO_SPACE) {
            return new VmMaps.Found(KernReturn.NO_SPACE, bottom);
          }
        }
        VmMapEntry before = map.lookupEntry(low);
        long top = low + maxSize;
        if (VmArith.below(top, low)
            || map.isIn(before, low)
            || (before.next != map.header && VmArith.below(before.next.start, top))) {
          return new VmMaps.Found(KernReturn.NO_SPACE, bottom);
        }
        KernReturn code = insertion.insert(map, reservation, mapping, top - size, top);
        if (code == KernReturn.SUCCESS) {
          separate(map, before, top - size, top, reservation).availableStack = maxSize - size;
        }
        return new VmMaps.Found(code, low);
      } finally {
        map.unlock();
      }
    }
  }

  /**
   * {@code vm_map_growstack}: grows the stack above {@code address} down to it, by {@link #GROWTH}
   * or more.
   *
   * @return SUCCESS, also where there is no stack to grow; NO_SPACE when something is in the way or
   *     the address space's stack limit is reached
   */
  public KernReturn grow(VmMap map, long address) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lockRead();
      boolean exclusive = false;
      try {
        while (true) {
          VmMapEntry stack = stackAbove(map, address);
          if (stack == null) {
            return KernReturn.SUCCESS;
          }
          if (exclusive) {
            return growLocked(map, stack, address, reservation);
          }
          exclusive = true;
          if (!map.upgrade()) {
            map.lock();
          }
        }
      } finally {
        map.unlock();
      }
    }
  }

  private static @Nullable VmMapEntry stackAbove(VmMap map, long address) {
    VmMapEntry before = map.lookupEntry(address);
    VmMapEntry stack = before.next;
    return map.isIn(before, address)
            || stack == map.header
            || stack.availableStack == 0
            || VmArith.below(address, stack.start - stack.availableStack)
        ? null
        : stack;
  }

  private KernReturn growLocked(
      VmMap map, VmMapEntry stack, long address, EntryReservation reservation) {
    VmMapEntry before = stack.prev;
    long top = stack.start;
    long available = stack.availableStack;
    long floor = before == map.header ? top - available : before.end;
    long needed = VmArith.roundPage(top - VmArith.truncPage(address));
    VmSpace in = map.space;
    VmSpace owner = in != null && in.isProcessStack(address) ? in : null;
    long amount = VmArith.min((needed + GROWTH - 1) / GROWTH * GROWTH, available);
    if (owner != null) {
      long left = owner.stackLimit() - owner.stackSize();
      if (left < needed) {
        return KernReturn.NO_SPACE;
      }
      amount = VmArith.min(amount, left);
    }
    if (VmArith.below(top - floor, amount)) {
      available = top - floor;
      stack.availableStack = available;
      amount = available;
    }
    // A part of the stack like the first one, so that its room below stays kept free.
    MapInsertion.Mapping part =
        new MapInsertion.Mapping(
            null, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, EntryFlags.MAP_IS_STACK);
    KernReturn code = insertion.insert(map, reservation, part, top - amount, top);
    if (code == KernReturn.SUCCESS) {
      separate(map, before, top - amount, top, reservation).availableStack = available - amount;
      if (owner != null) {
        owner.growStack(amount);
      }
    }
    return code;
  }

  /** Undoes a merge of the new range with its neighbours: they have other room to grow. */
  private VmMapEntry separate(
      VmMap map, VmMapEntry before, long start, long end, EntryReservation reservation) {
    if (before != map.header) {
      clipping.clipEnd(map, before, start, reservation);
    }
    VmMapEntry entry = before.next;
    clipping.clipEnd(map, entry, end, reservation);
    if (entry.start != start || entry.end != end) {
      throw new KernelPanic("Bad entry start/end for new stack entry", entry.toString());
    }
    return entry;
  }
}
