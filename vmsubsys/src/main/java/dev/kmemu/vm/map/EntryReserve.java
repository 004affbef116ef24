package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import java.util.ArrayDeque;

/**
 * The reservation of map entries ({@code vm_map_entry_reserve} and its kin): entries are set aside
 * before a map is locked, so that nothing is allocated under the lock. The k-variants dig into
 * entries that were set aside for good and never allocate.
 *
 * <p>One CPU's pool. At any time {@code listLength - available - outstanding} is {@link
 * #INVARIANT}. Entries come from the Java heap, not from the zone allocator.
 */
public final class EntryReserve {

  /** {@code MAP_RESERVE_COUNT}: what an operation sets aside. */
  public static final int RESERVE_COUNT = 4;

  /** {@code VMEPERCPU + 2 * MAP_RESERVE_COUNT}. */
  public static final int INVARIANT = EntryReserve.PER_CPU + 2 * RESERVE_COUNT;

  private static final int PER_CPU = 2;
  private static final int SLOP = 32;

  private final ArrayDeque<VmMapEntry> free = new ArrayDeque<>();
  private int available;
  private int outstanding;

  /** {@code vm_map_entry_reserve_cpu_init}. */
  public EntryReserve() {
    available = -2 * RESERVE_COUNT;
    for (int i = 0; i < PER_CPU; i++) {
      free.push(new VmMapEntry());
    }
  }

  /** {@code vm_map_entry_reserve}: sets {@link #RESERVE_COUNT} entries aside. */
  public EntryReservation reserve() {
    return take(false);
  }

  /** {@code vm_map_entry_kreserve}: the same without ever allocating. */
  public EntryReservation kreserve() {
    return take(true);
  }

  private synchronized EntryReservation take(boolean kernelReserve) {
    if (kernelReserve) {
      if (free.isEmpty()) {
        throw new KernelPanic("no reserved entries left, gd_vme_avail = " + available);
      }
    } else {
      while (available < RESERVE_COUNT) {
        free.push(new VmMapEntry());
        available++;
      }
    }
    available -= RESERVE_COUNT;
    outstanding += RESERVE_COUNT;
    return new EntryReservation(this, RESERVE_COUNT, kernelReserve);
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

  synchronized VmMapEntry pop() {
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

  /** Returns {@code listLength - available - outstanding}. */
  public synchronized int balance() {
    return free.size() - available - outstanding;
  }
}
