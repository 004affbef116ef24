package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.ThreadScheduler;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.pmap.KernelGrowth;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.UserPmaps;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The routines of {@code sys/vm/vm_map.c}, wired up for one kernel. */
public final class VmMaps {

  private final @Nullable ThreadScheduler scheduler;
  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final Set<VmMap> created =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final MapSpace space;
  private final MapInsertion insertion;
  private final MapRemoval removal;
  private final MapWiring mapWiring;
  private final UserWiring userWiring;
  private final MapProtection protection;
  private final MapStack stacks;
  private final MapFork fork;
  private final List<VmSpaces> spaces = new CopyOnWriteArrayList<>();

  /**
   * Creates the routines; {@code wiring} and {@code copying} are called only once there are wired
   * entries.
   *
   * @param cpus the number of virtual CPUs, 1 to {@link EntryReserve#MAX_CPUS}
   * @param scheduler who chooses among the threads that want a map, null for nobody
   */
  public VmMaps(
      VmTokens tokens,
      VmStats stats,
      SleepQueue sleepQueue,
      VmObjects objects,
      KernelGrowth growth,
      EntryWiring wiring,
      EntryCopying copying,
      int cpus,
      @Nullable ThreadScheduler scheduler) {
    this.scheduler = scheduler;
    EntryMerging merging = new EntryMerging(objects, tokens, stats);
    this.reserve = new EntryReserve(cpus);
    this.clipping = new EntryClipping(objects, merging, sleepQueue);
    this.space = new MapSpace(growth);
    this.insertion = new MapInsertion(objects, merging);
    this.removal = new MapRemoval(objects, reserve, clipping, wiring);
    this.mapWiring = new MapWiring(objects, reserve, clipping, wiring);
    this.userWiring = new UserWiring(objects, reserve, clipping, wiring);
    this.protection = new MapProtection(reserve, clipping, merging);
    this.stacks = new MapStack(reserve, space, insertion, clipping);
    this.fork = new MapFork(objects, reserve, clipping, copying);
  }

  /** {@code vm_map_create}: an empty map over [min, max). */
  public VmMap create(String name, Pmap pmap, long min, long max) {
    VmMap map = blank(name, pmap, min, max);
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

  /** {@code vm_map_unwire}, which {@code mlock} and {@code munlock} use. */
  public UserWiring userWiring() {
    return userWiring;
  }

  /** {@code vm_map_stack} and {@code vm_map_growstack}. */
  public MapStack stacks() {
    return stacks;
  }

  EntryClipping clipping() {
    return clipping;
  }

  /** Returns the life of user address spaces over {@code pmaps}; ask once for a kernel. */
  public VmSpaces spaces(UserPmaps pmaps) {
    VmSpaces made = new VmSpaces(this, fork, pmaps);
    spaces.add(made);
    return made;
  }

  /** Returns the user address spaces that haven't ended. */
  public List<VmSpace> liveSpaces() {
    return spaces.stream().flatMap(of -> of.live().stream()).toList();
  }

  /** The outcome of {@code vm_map_find}: a code, and the address that was tried. */
  public record Found(KernReturn code, long address) {}

  /**
   * {@code vm_map_find} with {@code fitit}, from the map's minimum on.
   *
   * @return as {@link #find(VmMap, MapInsertion.Mapping, long, long, long, boolean)}
   */
  public Found find(VmMap map, MapInsertion.Mapping mapping, long length, long align) {
    return find(map, mapping, map.min(), length, align, true);
  }

  /**
   * {@code vm_map_find}: maps {@code length} bytes.
   *
   * @param address where the search for room begins, or without {@code fitit} where to map
   * @param length in bytes, unsigned
   * @param align in bytes, 1 or more; ignored without {@code fitit}
   * @param fitit whether to search; if not, no page tables grow either
   * @return NO_SPACE with the address unchanged when nothing fits; else what the insertion returned
   *     with the address it was tried at, also for the INVALID_ADDRESS of a length of 0
   */
  public Found find(
      VmMap map,
      MapInsertion.Mapping mapping,
      long address,
      long length,
      long align,
      boolean fitit) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long start = address;
        if (fitit) {
          start = space.find(map, address, length, align, 0);
          if (start == MapSpace.NO_SPACE) {
            return new Found(KernReturn.NO_SPACE, address);
          }
        }
        return new Found(insertion.insert(map, reservation, mapping, start, start + length), start);
      } finally {
        map.unlock();
      }
    }
  }

  /** Makes a map for a snapshot that was read. */
  public VmMap blank(String name, Pmap pmap, long min, long max) {
    return new VmMap(name, min, max, pmap, scheduler);
  }

  /** Makes {@link #all} name the maps of a snapshot. */
  public void restore(Numbering<VmMap> maps) {
    synchronized (created) {
      created.clear();
      created.addAll(maps.all());
    }
  }
}
