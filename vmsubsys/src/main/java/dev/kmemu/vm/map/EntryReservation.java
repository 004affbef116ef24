package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;

/**
 * Entries that one operation has set aside: upstream's {@code count}. Belongs to one thread; {@link
 * #close} gives back what is left.
 */
public final class EntryReservation implements AutoCloseable {

  private final CpuEntries pool;
  private final boolean kernelReserve;
  private int count;

  EntryReservation(CpuEntries pool, int count, boolean kernelReserve) {
    this.pool = pool;
    this.count = count;
    this.kernelReserve = kernelReserve;
  }

  /** {@code vm_map_entry_create}. */
  VmMapEntry create() {
    if (count <= 0) {
      throw KernelPanic.assertion("*countp > 0", "vm_map_entry_create");
    }
    count--;
    return pool.pop(kernelReserve);
  }

  /** {@code vm_map_entry_dispose}: of an entry that is linked no more. */
  void dispose(VmMap map, VmMapEntry entry) {
    if (map.hint == entry) {
      throw KernelPanic.assertion("map->hint != entry", "vm_map_entry_dispose");
    }
    count++;
    entry.object = null;
    entry.submap = null;
    pool.push(entry);
  }

  /** Releases what is left. */
  @Override
  public void close() {
    pool.release(count, kernelReserve);
    count = 0;
  }
}
