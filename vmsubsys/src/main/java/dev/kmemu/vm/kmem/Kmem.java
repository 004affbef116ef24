package dev.kmemu.vm.kmem;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapSpace;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.pmap.Pmap;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's memory allocators ({@code sys/vm/vm_kern.c}) that back their ranges with nothing.
 * Sizes are in bytes, unsigned, and rounded up to pages; every call may block on the map's lock.
 * The map must be the kernel map or a submap of it: requests on others are refused, and releases
 * panic.
 */
public final class Kmem {

  private static final MapInsertion.Mapping PAGEABLE = mapping(MapType.NORMAL, 0);
  private static final MapInsertion.Mapping NOFAULT =
      mapping(MapType.NORMAL, EntryFlags.MAP_NOFAULT);
  private static final MapInsertion.Mapping RESERVED = mapping(MapType.UNSPECIFIED, 0);

  private final VmMaps maps;
  private final Pmap kernelPmap;
  private final SleepQueue sleepQueue;
  private final WiredKmem wired;

  /** Creates the allocators for the maps over {@code kernelPmap}. */
  public Kmem(VmMaps maps, Pmap kernelPmap, SleepQueue sleepQueue, WiredKmem wired) {
    this.maps = maps;
    this.kernelPmap = kernelPmap;
    this.sleepQueue = sleepQueue;
    this.wired = wired;
  }

  private static MapInsertion.Mapping mapping(MapType type, int cow) {
    return new MapInsertion.Mapping(null, 0, type, VmProt.ALL, VmProt.ALL, cow);
  }

  /** {@code kmem_alloc}: wired, zeroed memory. */
  public KmemResult alloc(VmMap map, long size) {
    return alloc3(map, size, 0);
  }

  /**
   * {@code kmem_alloc3}: wired, zeroed memory; sleeps until there are pages for it.
   *
   * @param kmflags {@link MapWiring#KM_KRESERVE}: allocate no map entries; {@link
   *     MapWiring#KM_PAGEABLE}: leave the pages unwired and unmapped; {@link MapWiring#KM_STACK}: a
   *     kernel stack, whose lowest page is a guard that takes no memory: touching it is a panic
   */
  public KmemResult alloc3(VmMap map, long size, int kmflags) {
    KmemResult refusal = refusal(map, size);
    return refusal != null ? refusal : wired.allocate(map, VmArith.roundPage(size), kmflags);
  }

  /**
   * {@code kmem_alloc_pageable}: a range without pages. Touching it in a system map before
   * something is mapped there is a panic.
   */
  public KmemResult allocPageable(VmMap map, long size) {
    return find(map, PAGEABLE, size, VmArith.PAGE_SIZE);
  }

  /**
   * {@code kmem_alloc_nofault}: a range that the caller maps by hand; touching it before that is a
   * panic.
   *
   * @param alignment in bytes, a power of two or a multiple of the page size
   */
  public KmemResult allocNofault(VmMap map, long size, long alignment) {
    boolean powerOfTwo = alignment != 0 && (alignment & (alignment - 1)) == 0;
    boolean wholePages = alignment != 0 && (alignment & VmArith.PAGE_MASK) == 0;
    return powerOfTwo || wholePages
        ? find(map, NOFAULT, size, alignment)
        : new KmemResult.InvalidAlignment(alignment);
  }

  private KmemResult find(VmMap map, MapInsertion.Mapping mapping, long size, long alignment) {
    KmemResult refusal = refusal(map, size);
    if (refusal != null) {
      return refusal;
    }
    long rounded = VmArith.roundPage(size);
    VmMaps.Found found = maps.find(map, mapping, rounded, alignment);
    return found.code() == KernReturn.SUCCESS
        ? allocated(found.address())
        : new KmemResult.NoSpace(map.name(), rounded);
  }

  /**
   * {@code kmem_free}: removes every page that [address, address + size) touches, whatever it is
   * and whether it is mapped. Mappings made with {@code pmap_kenter} must be gone by then.
   */
  public void free(VmMap map, VirtualAddress address, long size) {
    requireKernelMap(map, "kmem_free");
    maps.removal()
        .remove(map, VmArith.truncPage(address.value()), VmArith.roundPage(address.value() + size));
  }

  /**
   * {@code kmem_suballoc}: carves a map of its own out of {@code parent}, over the same physical
   * map. It isn't a system map unless made one.
   *
   * @throws KernelPanic when there is no room, or the size is 0 or too large
   */
  public KmemSubmap suballoc(VmMap parent, String name, long size) {
    requireKernelMap(parent, "kmem_suballoc");
    // Upstream holds vm_token all the way, even into the panics. What needs it takes it itself.
    VmMaps.Found found =
        isInvalid(size)
            ? new VmMaps.Found(KernReturn.INVALID_ADDRESS, 0)
            : maps.find(parent, RESERVED, VmArith.roundPage(size), VmArith.PAGE_SIZE);
    if (found.code() != KernReturn.SUCCESS) {
      throw KernelPanic.in(
          "kmem_suballoc",
          parent,
          String.format("bad status return of %d for 0x%x bytes", found.code().code(), size));
    }
    long min = found.address();
    long max = min + VmArith.roundPage(size);
    parent.pmap().reference();
    VmMap map = maps.create(name, parent.pmap(), min, max);
    if (maps.protection().submap(parent, min, max, map) != KernReturn.SUCCESS) {
      throw KernelPanic.at(
          "kmem_suballoc: unable to change range to submap", parent, min, "submap " + name);
    }
    return new KmemSubmap(map, new VirtualAddress(min), new VirtualAddress(max));
  }

  /**
   * {@code kmem_alloc_wait}: as {@link #allocPageable}, but sleeps until {@link #freeWakeup} makes
   * room. No order among those who wait.
   *
   * @return LargerThanMap at once for what can never fit
   */
  public KmemResult allocWait(VmMap map, long size) {
    KmemResult refusal = refusal(map, size);
    if (refusal != null) {
      return refusal;
    }
    long rounded = VmArith.roundPage(size);
    try (EntryReservation reservation = maps.reserve().reserve()) {
      map.lock();
      try {
        while (true) {
          long address = maps.space().find(map, map.min(), rounded, VmArith.PAGE_SIZE, 0);
          if (address != MapSpace.NO_SPACE) {
            KernReturn code =
                maps.insertion().insert(map, reservation, PAGEABLE, address, address + rounded);
            return code == KernReturn.SUCCESS
                ? allocated(address)
                : new KmemResult.NoSpace(map.name(), rounded);
          }
          long extent = map.max() - map.min();
          if (VmArith.below(extent, rounded)) {
            return new KmemResult.LargerThanMap(map.name(), rounded, extent);
          }
          // Upstream unlocks before it sleeps and can miss the wakeup in between.
          sleepQueue.interlock(map);
          map.unlock();
          sleepQueue.sleepInterlocked(map, "kmaw");
          map.lock();
        }
      } finally {
        map.unlock();
      }
    }
  }

  /** {@code kmem_free_wakeup}: frees, and wakes all who wait in {@link #allocWait}. */
  public void freeWakeup(VmMap map, VirtualAddress address, long size) {
    requireKernelMap(map, "kmem_free_wakeup");
    try (EntryReservation reservation = maps.reserve().reserve()) {
      map.lock();
      try {
        long start = VmArith.truncPage(address.value());
        long end = VmArith.roundPage(address.value() + size);
        maps.removal().delete(map, start, end, reservation);
        sleepQueue.wakeup(map);
      } finally {
        map.unlock();
      }
    }
  }

  private @Nullable KmemResult refusal(VmMap map, long size) {
    if (map.pmap() != kernelPmap) {
      return new KmemResult.ForeignMap(map.name());
    }
    return isInvalid(size) ? new KmemResult.InvalidSize(size) : null;
  }

  private void requireKernelMap(VmMap map, String routine) {
    if (map.pmap() != kernelPmap) {
      throw new KernelPanic(routine + ": not a map of this kernel", map.name());
    }
  }

  private static boolean isInvalid(long size) {
    return VmArith.roundPage(size) == 0;
  }

  private static KmemResult allocated(long address) {
    return new KmemResult.Allocated(new VirtualAddress(address));
  }
}
