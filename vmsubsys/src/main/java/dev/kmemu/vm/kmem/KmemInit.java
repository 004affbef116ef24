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
   * Creates the map with [KvaStart, KERNBASE) and [start, end) free.
   *
   * @param start {@code virtual_start}
   * @param end {@code virtual_end}, at most KvaEnd
   */
  public static VmMap kmemInit(VmMaps maps, Pmap kernelPmap, long start, long end) {
    VmMap map = maps.createKernelMap(kernelPmap, KvaLayout.KVA_START, KvaLayout.KVA_END);
    try (EntryReservation reservation = maps.reserve().reserve()) {
      map.lock();
      try {
        // On pc64 virtual2_start is KvaStart: nothing below the free window is in use.
        reserve(maps, map, reservation, KvaLayout.KERNBASE, start);
        reserve(maps, map, reservation, end, KvaLayout.KVA_END);
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
