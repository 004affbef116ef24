package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;

/**
 * The reservation of map entries ({@code vm_map_entry_reserve} and its kin): entries are set aside
 * before a map is locked, so that nothing is allocated under the lock. The k-variants dig into
 * entries that were set aside for good.
 *
 * <p>Each virtual CPU has a pool of its own, {@link CpuEntries}; a reservation stays with the pool
 * it was made from. Entries come from the Java heap, not from the zone allocator.
 */
public final class EntryReserve {

  /** {@code MAP_RESERVE_COUNT}: what an operation sets aside. */
  public static final int RESERVE_COUNT = 4;

  /** {@code VMEPERCPU + 2 * MAP_RESERVE_COUNT}. */
  public static final int INVARIANT = CpuEntries.PER_CPU + 2 * RESERVE_COUNT;

  /** {@code SMP_MAXCPU}. */
  public static final int MAX_CPUS = 16;

  private final CpuEntries[] pools;

  /**
   * {@code vm_map_entry_reserve_cpu_init} of every CPU.
   *
   * @param cpus the number of virtual CPUs, 1 to {@link #MAX_CPUS}
   */
  public EntryReserve(int cpus) {
    if (cpus < 1 || cpus > MAX_CPUS) {
      throw new IllegalArgumentException(
          "the number of virtual CPUs must be 1 to " + MAX_CPUS + ", got " + cpus);
    }
    pools = new CpuEntries[cpus];
    for (int i = 0; i < cpus; i++) {
      pools[i] = new CpuEntries();
    }
  }

  /** {@code vm_map_entry_reserve}: sets {@link #RESERVE_COUNT} entries aside. */
  public EntryReservation reserve() {
    return reserve(RESERVE_COUNT);
  }

  /** Sets {@code count} entries aside; 0 only pays back what k-reservations have borrowed. */
  public EntryReservation reserve(int count) {
    CpuEntries pool = mine();
    pool.reserve(count);
    return new EntryReservation(pool, count, false);
  }

  /** {@code vm_map_entry_kreserve}: {@link #RESERVE_COUNT} entries of those set aside for good. */
  public EntryReservation kreserve() {
    CpuEntries pool = mine();
    pool.kreserve(RESERVE_COUNT);
    return new EntryReservation(pool, RESERVE_COUNT, true);
  }

  private CpuEntries mine() {
    return pools.length == 1 ? pools[0] : pools[LwktThread.current().cpu(pools.length)];
  }

  /** Returns the number of virtual CPUs. */
  public int cpus() {
    return pools.length;
  }

  /**
   * Returns {@code listLength - available - outstanding} of a CPU, at any time {@link #INVARIANT}.
   */
  public int balance(int cpu) {
    return pools[cpu].balance();
  }

  /**
   * Returns how many entries operations on a CPU have set aside now; 0 when none is in progress.
   */
  public int outstanding(int cpu) {
    return pools[cpu].outstanding();
  }

  /** {@code gd_vme_avail} of a CPU: what isn't reserved; may be negative. */
  public int available(int cpu) {
    return pools[cpu].available();
  }

  /** Numbers the free entries, for a snapshot. */
  public void number(Numbering<VmMapEntry> entries) {
    for (CpuEntries pool : pools) {
      pool.number(entries);
    }
  }

  /** Makes an entry for a snapshot that was read. */
  public VmMapEntry blank() {
    return new VmMapEntry();
  }

  /** Exchanges the pools with a snapshot of as many CPUs. */
  public void exchange(StateExchange state, Numbering<VmMapEntry> entries) {
    for (CpuEntries pool : pools) {
      pool.exchange(state, entries);
    }
  }
}
