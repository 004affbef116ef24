package dev.kmemu.gdb;

import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoints;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Four watchpoints, as a CPU has. Its lock is the target's. */
final class ToyWatchpoints implements Watchpoints {

  private static final int CAPACITY = 4;

  private final Object lock;
  private final Set<Watchpoint> planted = new LinkedHashSet<>();

  ToyWatchpoints(Object lock) {
    this.lock = lock;
  }

  @Override
  public int capacity() {
    return CAPACITY;
  }

  @Override
  public void insert(Watchpoint watchpoint) {
    synchronized (lock) {
      if (planted.size() == CAPACITY && !planted.contains(watchpoint)) {
        throw new IllegalStateException("all " + CAPACITY + " watchpoints are in use");
      }
      planted.add(watchpoint);
    }
  }

  @Override
  public void remove(Watchpoint watchpoint) {
    synchronized (lock) {
      planted.remove(watchpoint);
    }
  }

  void clear() {
    planted.clear();
  }

  Set<Watchpoint> planted() {
    return Set.copyOf(planted);
  }

  /** Returns the stop for a use of one byte, when it is watched. */
  Optional<StopReason> used(VirtualAddress address, Watchpoint.Kind use) {
    return planted.stream()
        .filter(watch -> watch.kind() == use || watch.kind() == Watchpoint.Kind.ACCESS)
        .filter(watch -> address.minus(watch.address()) >= 0)
        .filter(watch -> address.minus(watch.address()) < watch.length())
        .findFirst()
        .map(watch -> new StopReason.Watched(watch, address));
  }
}
