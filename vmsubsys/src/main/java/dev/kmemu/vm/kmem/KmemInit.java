package dev.kmemu.vm.kmem;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;

/** {@code kmem_init}: creates {@code kernel_map} and marks what boot has used. */
public final class KmemInit {

  private static final MapInsertion.Mapping IN_USE =
      new MapInsertion.Mapping(null, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);

  private KmemInit() {}

  /**
   * The KVA that boot leaves free: two windows, of which the lower may be missing.
   *
   * @param virtual2Start the start of the lower window; 0 without one, as on i386
   * @param virtual2End its end, exclusive
   * @param start {@code virtual_start}
   * @param end {@code virtual_end}, at most KvaEnd
   */
  public record FreeKva(long virtual2Start, long virtual2End, long start, long end) {

    /** Returns the windows of pc64, where all of [KvaStart, KERNBASE) is free. */
    public static FreeKva pc64(long start, long end) {
      return new FreeKva(KvaLayout.KVA_START, KvaLayout.KERNBASE, start, end);
    }
  }

  /** {@code kmem_init}: creates the map with all in use but {@code free}. */
  public static VmMap kmemInit(VmMaps maps, Pmap kernelPmap, FreeKva free) {
    VmMap map = maps.createKernelMap(kernelPmap, KvaLayout.KVA_START, KvaLayout.KVA_END);
    try (EntryReservation reservation = maps.reserve().reserve()) {
      map.lock();
      try {
        long cursor = KvaLayout.KVA_START;
        if (free.virtual2Start() != 0) {
          reserve(maps, map, reservation, cursor, free.virtual2Start());
          cursor = free.virtual2End();
        }
        reserve(maps, map, reservation, cursor, free.start());
        reserve(maps, map, reservation, free.end(), KvaLayout.KVA_END);
      } finally {
        map.unlock();
      }
    }
    return map;
  }

  private static void reserve(
      VmMaps maps, VmMap map, EntryReservation reservation, long start, long end) {
    if (VmArith.below(start, end)
        && maps.insertion().insert(map, reservation, IN_USE, start, end) != KernReturn.SUCCESS) {
      throw KernelPanic.at(
          "kmem_init: can't reserve boot memory", map, start, String.format("to 0x%x", end));
    }
  }
}
