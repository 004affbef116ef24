package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.pmap.KernelGrowth;
import dev.kmemu.vm.pmap.Pmap;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** The routines of {@code sys/vm/vm_map.c}, wired up for one kernel. */
public final class VmMaps {

  private final EntryReserve reserve = new EntryReserve();
  private final Set<VmMap> created =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final MapSpace space;
  private final MapInsertion insertion;
  private final MapRemoval removal;
  private final MapWiring mapWiring;
  private final MapProtection protection;

  /** Creates the routines; {@code wiring} is called only once there are wired entries. */
  public VmMaps(
      VmTokens tokens,
      VmStats stats,
      SleepQueue sleepQueue,
      VmObjects objects,
      KernelGrowth growth,
      EntryWiring wiring) {
    EntryMerging merging = new EntryMerging(objects, tokens, stats);
    EntryClipping clipping = new EntryClipping(objects, merging, sleepQueue);
    this.space = new MapSpace(growth);
    this.insertion = new MapInsertion(objects, merging);
    this.removal = new MapRemoval(objects, reserve, clipping, wiring);
    this.mapWiring = new MapWiring(objects, reserve, clipping, wiring);
    this.protection = new MapProtection(reserve, clipping, merging);
  }

  /** {@code vm_map_create}: an empty map over [min, max). */
  public VmMap create(String name, Pmap pmap, long min, long max) {
    VmMap map = new VmMap(name, min, max, pmap);
    created.add(map);
    return map;
  }

  /** Returns all maps that are in use, in no order. */
  public List<VmMap> all() {
    synchronized (created) {
      return List.copyOf(created);
    }
  }

  /** Creates {@code kernel_map}: the system map whose page tables grow with it. */
  public VmMap createKernelMap(Pmap pmap, long min, long max) {
    VmMap map = create("kernel_map", pmap, min, max);
    map.setSystemMap();
    space.setKernelMap(map);
    return map;
  }

  /** Returns the reservation of entries. */
  public EntryReserve reserve() {
    return reserve;
  }

  /** {@code vm_map_findspace}. */
  public MapSpace space() {
    return space;
  }

  /** {@code vm_map_insert}. */
  public MapInsertion insertion() {
    return insertion;
  }

  /** {@code vm_map_delete} and {@code vm_map_remove}. */
  public MapRemoval removal() {
    return removal;
  }

  /** {@code vm_map_wire}. */
  public MapWiring wiring() {
    return mapWiring;
  }

  /** {@code vm_map_protect}, {@code vm_map_inherit}, {@code vm_map_submap}. */
  public MapProtection protection() {
    return protection;
  }

  /** The outcome of {@link #find}: a code, and the address when it is SUCCESS. */
  public record Found(KernReturn code, long address) {}

  /**
   * {@code vm_map_find} with {@code fitit}: finds room from the map's minimum on and maps it.
   *
   * @return NO_SPACE when nothing fits, else what the insertion returned
   */
  public Found find(VmMap map, MapInsertion.Mapping mapping, long length, long align) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long start = space.find(map, map.min(), length, align, 0);
        if (start == MapSpace.NO_SPACE) {
          return new Found(KernReturn.NO_SPACE, 0);
        }
        return new Found(insertion.insert(map, reservation, mapping, start, start + length), start);
      } finally {
        map.unlock();
      }
    }
  }
}
