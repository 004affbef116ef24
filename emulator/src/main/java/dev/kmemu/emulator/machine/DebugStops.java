package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.debug.BreakpointCondition;
import dev.kmemu.emulator.debug.ConditionalBreakpoints;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoints;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A debugger's breakpoints and watchpoints. */
final class DebugStops implements Watchpoints, ConditionalBreakpoints {

  private final VcpuThread vcpu;
  private final LiveCpu cpu;
  private final Set<VirtualAddress> breakpoints = new HashSet<>();
  private final Map<Long, BreakpointCondition> conditions = new ConcurrentHashMap<>();
  private final Map<MemoryWatch, Watchpoint> watchpoints = new LinkedHashMap<>();

  /** As the CPU's thread may look at them, which must never wait for a debugger's. */
  private volatile Map<MemoryWatch, Watchpoint> shown = Map.of();

  private volatile int capacity = -1;

  DebugStops(VcpuThread vcpu, PhysicalMemory ram) {
    this.vcpu = vcpu;
    this.cpu = vcpu.call(engine -> new LiveCpu(engine, ram));
    vcpu.call(
        engine -> {
          engine.setBreakpointFilter(this::stops);
          return engine;
        });
  }

  /** On the CPU's thread: whether a hit counts. */
  private boolean stops(long address) {
    BreakpointCondition condition = conditions.get(address);
    try {
      return condition == null || condition.stops(cpu);
    } catch (RuntimeException e) {
      return true;
    }
  }

  synchronized void insert(VirtualAddress address) {
    vcpu.requirePaused();
    conditions.remove(address.value());
    plant(address);
  }

  @Override
  public synchronized void insert(VirtualAddress address, BreakpointCondition condition) {
    vcpu.requirePaused();
    conditions.put(address.value(), condition);
    plant(address);
  }

  private void plant(VirtualAddress address) {
    if (breakpoints.add(address)) {
      vcpu.callHere(
          engine -> {
            engine.addBreakpoint(address);
            return engine;
          });
    }
  }

  synchronized void remove(VirtualAddress address) {
    vcpu.requirePaused();
    conditions.remove(address.value());
    if (breakpoints.remove(address)) {
      vcpu.callHere(
          engine -> {
            engine.removeBreakpoint(address);
            return engine;
          });
    }
  }

  @Override
  public int capacity() {
    int known = capacity;
    if (known < 0) {
      known = vcpu.call(CpuEngine::watchCapacity);
      capacity = known;
    }
    return known;
  }

  @Override
  public synchronized void insert(Watchpoint watchpoint) {
    vcpu.requirePaused();
    MemoryWatch watch = watch(watchpoint);
    if (!watchpoints.containsKey(watch) && watchpoints.size() == capacity()) {
      throw new IllegalStateException(
          "all " + capacity() + " watchpoints are in use: remove one first");
    }
    watchpoints.put(watch, watchpoint);
    show();
  }

  @Override
  public synchronized void remove(Watchpoint watchpoint) {
    vcpu.requirePaused();
    if (watchpoints.remove(watch(watchpoint)) != null) {
      show();
    }
  }

  /** Returns what a debugger calls a hit. On the CPU's thread. */
  StopReason reason(CpuExit.WatchHit hit) {
    Watchpoint watchpoint = shown.get(hit.watch());
    return watchpoint == null
        ? new StopReason.Interrupted()
        : new StopReason.Watched(watchpoint, hit.address());
  }

  /** Removes everything, of a paused CPU. */
  synchronized void clear() {
    List.copyOf(breakpoints).forEach(this::remove);
    if (!watchpoints.isEmpty()) {
      watchpoints.clear();
      show();
    }
  }

  private void show() {
    List<MemoryWatch> watches = List.copyOf(watchpoints.keySet());
    shown = Map.copyOf(watchpoints);
    vcpu.callHere(
        engine -> {
          engine.setWatches(watches);
          return engine;
        });
  }

  private static MemoryWatch watch(Watchpoint watchpoint) {
    return new MemoryWatch(
        watchpoint.address(),
        watchpoint.length(),
        watchpoint.kind() != Watchpoint.Kind.WRITE,
        watchpoint.kind() != Watchpoint.Kind.READ);
  }
}
