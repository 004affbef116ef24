package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.UserPmaps;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The life of user address spaces: {@code vmspace_alloc}, {@code vmspace_fork}, {@code
 * vmspace_exec}, {@code vmspace_unshare} and {@code vmspace_free}. There are no processes here:
 * what upstream stores in one is returned, and the caller makes it current.
 */
public final class VmSpaces {

  /** {@code VM_MAX_USER_ADDRESS}, exclusive. */
  public static final long MAX_USER_ADDRESS = 0x0000_8000_0000_0000L;

  private final VmMaps maps;
  private final MapFork fork;
  private final UserPmaps pmaps;
  private final Set<VmSpace> live = new LinkedHashSet<>();
  private final AtomicInteger created = new AtomicInteger();

  VmSpaces(VmMaps maps, MapFork fork, UserPmaps pmaps) {
    this.maps = maps;
    this.fork = fork;
    this.pmaps = pmaps;
  }

  /** {@code vmspace_alloc} of all user addresses; one reference, for the caller. */
  public VmSpace alloc() {
    return alloc(0, MAX_USER_ADDRESS);
  }

  /** {@code vmspace_alloc}: an empty space over [min, max). */
  public VmSpace alloc(long min, long max) {
    Pmap pmap = pmaps.pinit();
    VmSpace space =
        new VmSpace(maps.create("vmspace " + created.incrementAndGet(), pmap, min, max));
    synchronized (live) {
      live.add(space);
    }
    return space;
  }

  /** Adds a reference, as a process that shares the space has one. */
  public void reference(VmSpace space) {
    synchronized (live) {
      requireLive(space);
      space.references++;
    }
  }

  /**
   * {@code vmspace_free}: drops a reference. The last one ends the space: what it maps goes first,
   * then the physical map, because unwiring finds its pages there.
   *
   * @throws KernelPanic when the space has ended already
   */
  public void free(VmSpace space) {
    synchronized (live) {
      requireLive(space);
      if (--space.references > 0) {
        return;
      }
      live.remove(space);
    }
    VmMap map = space.map();
    maps.removal().remove(map, map.min(), map.max());
    pmaps.release(map.pmap());
  }

  /**
   * {@code vmspace_fork}: a space that inherits what {@code parent} maps, each range as {@code
   * vm_map_inherit} says. Waits for entries in transition. The parent's map isn't locked by the
   * caller, and stays locked while wired pages are copied.
   *
   * @throws KernelPanic when the parent maps a submap
   */
  public VmSpace fork(VmSpace parent) {
    VmSpace child = alloc(parent.map().min(), parent.map().max());
    child.copyStack(parent);
    fork.copy(parent.map(), child.map());
    return child;
  }

  /**
   * {@code vmspace_exec}: leaves {@code old} for an empty space, or for a fork of {@code resident}.
   *
   * @return the new space; the reference to the old one is dropped
   */
  public VmSpace exec(VmSpace old, @Nullable VmSpace resident) {
    VmSpace fresh;
    if (resident == null) {
      fresh = alloc(old.map().min(), old.map().max());
      fresh.copyStack(old);
    } else {
      fresh = fork(resident);
    }
    free(old);
    return fresh;
  }

  /**
   * {@code vmspace_unshare}: leaves a shared space for a fork of it.
   *
   * @return {@code space} itself when nobody shares it; else the fork, and the reference to the
   *     shared space is dropped
   */
  public VmSpace unshare(VmSpace space) {
    synchronized (live) {
      requireLive(space);
      if (space.references == 1) {
        return space;
      }
    }
    VmSpace copy = fork(space);
    free(space);
    return copy;
  }

  /** Returns the spaces that haven't ended. */
  public List<VmSpace> live() {
    synchronized (live) {
      return List.copyOf(live);
    }
  }

  private void requireLive(VmSpace space) {
    if (!live.contains(space)) {
      throw new KernelPanic("vmspace_free: address space was freed already", space.toString());
    }
  }

  /** Makes a space for a snapshot that was read. */
  public VmSpace blank(VmMap map) {
    return new VmSpace(map);
  }

  /** Exchanges which spaces there are, and their state, with a snapshot. */
  public void exchange(StateExchange state, Numbering<VmSpace> spaces) {
    created.set(state.exchange(created.get()));
    for (int i = 0; i < spaces.size(); i++) {
      spaces.get(i).exchange(state);
    }
    synchronized (live) {
      int count = state.exchange(live.size());
      List<VmSpace> now = List.copyOf(live);
      live.clear();
      for (int i = 0; i < count; i++) {
        VmSpace space = state.exchange(state.isSaving() ? now.get(i) : null, spaces);
        if (space != null) {
          live.add(space);
        }
      }
    }
  }
}
