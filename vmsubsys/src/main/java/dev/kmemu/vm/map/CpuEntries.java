package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import java.util.ArrayDeque;

/**
 * The map entries of one virtual CPU: {@code gd_vme_base} and {@code gd_vme_avail}. Several Java
 * threads may run on the CPU at once.
 */
final class CpuEntries {

  /** {@code VMEPERCPU}. */
  static final int PER_CPU = 2;

  private static final int SLOP = 32;

  private final ArrayDeque<VmMapEntry> free = new ArrayDeque<>();
  private int available;
  private int outstanding;

  /** {@code vm_map_entry_reserve_cpu_init}. */
  CpuEntries() {
    available = -2 * EntryReserve.RESERVE_COUNT;
    for (int i = 0; i < PER_CPU; i++) {
      free.push(new VmMapEntry());
    }
  }

  synchronized void reserve(int count) {
    while (available < count) {
      addFresh();
    }
    take(count);
  }

  /**
   * Allocates only where upstream would panic with "no reserved entries left": the Java heap may be
   * asked at any time, other than a zone that itself needs entries to grow.
   */
  synchronized void kreserve(int count) {
    if (free.isEmpty()) {
      addFresh();
    }
    take(count);
  }

  private void take(int count) {
    available -= count;
    outstanding += count;
  }

  private void addFresh() {
    free.push(new VmMapEntry());
    available++;
  }

  /** {@code vm_map_entry_release} and {@code vm_map_entry_krelease}. */
  synchronized void release(int count, boolean kernelReserve) {
    available += count;
    outstanding -= count;
    while (!kernelReserve && available > SLOP) {
      free.pop();
      available--;
    }
  }

  synchronized VmMapEntry pop(boolean kernelReserve) {
    if (kernelReserve && free.isEmpty()) {
      addFresh();
    }
    VmMapEntry entry = free.poll();
    if (entry == null) {
      throw new KernelPanic("gd_vme_base NULL! count " + outstanding);
    }
    outstanding--;
    return entry;
  }

  synchronized void push(VmMapEntry entry) {
    outstanding++;
    free.push(entry);
  }

  synchronized int balance() {
    return free.size() - available - outstanding;
  }

  synchronized int outstanding() {
    return outstanding;
  }

  synchronized int available() {
    return available;
  }

  synchronized void number(Numbering<VmMapEntry> entries) {
    free.forEach(entries::add);
  }

  /** Exchanges which entries are free with a snapshot; their contents mean nothing. */
  synchronized void exchange(StateExchange state, Numbering<VmMapEntry> entries) {
    available = state.exchange(available);
    outstanding = state.exchange(outstanding);
    int count = state.exchange(free.size());
    VmMapEntry[] now = free.toArray(new VmMapEntry[0]);
    free.clear();
    for (int i = 0; i < count; i++) {
      VmMapEntry entry = state.exchange(state.isSaving() ? now[i] : null, entries);
      if (entry != null) {
        entry.object = null;
        entry.submap = null;
        free.addLast(entry);
      }
    }
  }
}
