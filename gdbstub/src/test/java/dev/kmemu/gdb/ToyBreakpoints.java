package dev.kmemu.gdb;

import dev.kmemu.emulator.debug.BreakpointCondition;
import dev.kmemu.emulator.debug.ConditionalBreakpoints;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The breakpoints of a {@link ToyTarget}, with and without a condition. Its lock is the target's.
 */
final class ToyBreakpoints implements ConditionalBreakpoints {

  private static final BreakpointCondition ALWAYS = cpu -> true;

  private final Object lock;
  private final Map<VirtualAddress, BreakpointCondition> planted = new HashMap<>();

  ToyBreakpoints(Object lock) {
    this.lock = lock;
  }

  /** Keeps a condition that is there, as the contract leaves open. */
  void insert(VirtualAddress address) {
    synchronized (lock) {
      planted.putIfAbsent(address, ALWAYS);
    }
  }

  @Override
  public void insert(VirtualAddress address, BreakpointCondition condition) {
    synchronized (lock) {
      planted.put(address, condition);
    }
  }

  void remove(VirtualAddress address) {
    synchronized (lock) {
      planted.remove(address);
    }
  }

  void clear() {
    planted.clear();
  }

  Set<VirtualAddress> addresses() {
    return Set.copyOf(planted.keySet());
  }

  boolean stopsAt(VirtualAddress address, StoppedCpu cpu) {
    BreakpointCondition condition = planted.get(address);
    if (condition == null) {
      return false;
    }
    try {
      return condition.stops(cpu);
    } catch (RuntimeException e) {
      return true;
    }
  }
}
