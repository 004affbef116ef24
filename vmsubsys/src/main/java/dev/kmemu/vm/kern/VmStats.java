package dev.kmemu.vm.kern;

/** The values of all {@link VmCounter}s. Callers hold {@code vm_token}. */
@SuppressWarnings("EnumOrdinal") // an EnumMap would box the values
public final class VmStats {

  private final long[] values = new long[VmCounter.values().length];

  /** Returns a counter. */
  public long get(VmCounter counter) {
    return values[counter.ordinal()];
  }

  /** Sets a threshold. */
  public void set(VmCounter counter, long value) {
    values[counter.ordinal()] = value;
  }

  /** Adds {@code delta}, which may be negative. */
  public void add(VmCounter counter, int delta) {
    values[counter.ordinal()] += delta;
  }

  /** {@code vm_page_count_severe}: too few pages even for a fault. */
  public boolean isSevere() {
    return get(VmCounter.FREE_SEVERE) > freeAndCache();
  }

  /** {@code vm_page_count_min}: few enough pages to make those who wait go on waiting. */
  public boolean isBelowMinimum() {
    return get(VmCounter.FREE_MIN) > freeAndCache()
        || get(VmCounter.FREE_RESERVED) > get(VmCounter.FREE_COUNT);
  }

  /** Names the channel of those who wait for free pages. */
  @Override
  public String toString() {
    return "v_free_count";
  }

  /** {@code vm_paging_target}: how many pages the pageout daemon should gain. */
  public long pagingTarget() {
    long wanted = get(VmCounter.FREE_TARGET) + get(VmCounter.CACHE_MIN);
    return Math.max(wanted - freeAndCache(), 0);
  }

  /** Returns the pages that can be had at once. */
  public long freeAndCache() {
    return get(VmCounter.FREE_COUNT) + get(VmCounter.CACHE_COUNT);
  }

  /** Exchanges all counters with a snapshot. */
  public void exchange(StateExchange state) {
    state.exchange(values);
  }
}
