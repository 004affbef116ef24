package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;

/** One of the timers of a {@link Hpet}: its configuration, its comparator and its period. */
final class HpetComparator {

  /** Number of values that {@link #save} writes. */
  static final int STATE = 3;

  /** Of the configuration: the interrupt is a level, it is on, the timer is periodic. */
  private static final int LEVEL = 1 << 1;

  private static final int INTERRUPTS = 1 << 2;
  private static final int PERIODIC = 1 << 3;
  private static final int PERIODIC_CAPABLE = 1 << 4;
  private static final int WIDE_CAPABLE = 1 << 5;
  private static final int SETS_ACCUMULATOR = 1 << 6;
  private static final int NARROW = 1 << 8;
  private static final int ROUTE_SHIFT = 9;
  private static final int ROUTE = 0x1F << ROUTE_SHIFT;
  private static final int WRITABLE = LEVEL | INTERRUPTS | PERIODIC | SETS_ACCUMULATOR | NARROW;
  private static final long LOW = 0xFFFF_FFFFL;

  private final Hpet hpet;
  private final GuestTimers.Timer timer;
  private final int routes;
  private int configuration;
  private long comparator = -1;
  private long period;

  /** Whether the low half of the comparator was written last as the accumulator. */
  private boolean accumulates;

  /**
   * Creates a timer that does nothing.
   *
   * @param routes the inputs of the I/O APIC that it may lead to, input 0 in bit 0
   */
  HpetComparator(Hpet hpet, GuestTimers timers, int routes) {
    this.hpet = hpet;
    this.routes = routes;
    timer = timers.create(this::due);
  }

  /** Returns the configuration and, in the high half, where the interrupt may be led to. */
  long configuration() {
    return (long) routes << Integer.SIZE | configuration | PERIODIC_CAPABLE | WIDE_CAPABLE;
  }

  /** Takes the low half of the configuration; a route that doesn't exist leaves the former one. */
  void configure(int value) {
    int route = value >> ROUTE_SHIFT & 0x1F;
    int kept = (routes & 1 << route) != 0 ? value & ROUTE : configuration & ROUTE;
    boolean narrows = (value & NARROW) != 0;
    configuration = (value & WRITABLE) | kept;
    if (narrows) {
      comparator &= LOW;
      period &= LOW;
    }
    arm(false);
  }

  boolean isLevel() {
    return (configuration & LEVEL) != 0;
  }

  boolean interrupts() {
    return (configuration & INTERRUPTS) != 0;
  }

  int route() {
    return configuration >> ROUTE_SHIFT & 0x1F;
  }

  private boolean isPeriodic() {
    return (configuration & PERIODIC) != 0 && period != 0;
  }

  private long mask() {
    return (configuration & NARROW) != 0 ? LOW : -1;
  }

  long comparator() {
    catchUp();
    return comparator;
  }

  private void catchUp() {
    if (hpet.isRunning()) {
      comparator = upcoming(hpet.counter());
    }
  }

  /**
   * Returns the comparator as it is when the counter is {@code counter}: a periodic timer goes on
   * whether it interrupts or not, and a period that the host couldn't keep up with is lost, not
   * made up for.
   */
  private long upcoming(long counter) {
    long late = (counter - comparator) & mask();
    // What is ahead by less than half of the range isn't late.
    if (!isPeriodic() || Long.compareUnsigned(late, mask() >>> 1) > 0) {
      return comparator;
    }
    long periods = Long.divideUnsigned(late, period) + 1;
    return (comparator + periods * period) & mask();
  }

  /**
   * Takes half of the comparator. What is written to a periodic timer is its period, and the first
   * time also when it is to expire, if the configuration says so.
   */
  void setComparator(long value, boolean high) {
    boolean periodic = (configuration & PERIODIC) != 0;
    if (!high) {
      // The periods that are over were of the former length.
      catchUp();
      accumulates = !periodic || (configuration & SETS_ACCUMULATOR) != 0;
      configuration &= ~SETS_ACCUMULATOR;
    }
    if (accumulates) {
      comparator = half(comparator, value, high) & mask();
    }
    if (periodic) {
      period = half(period, value, high) & mask();
    }
    arm(false);
  }

  private static long half(long old, long value, boolean high) {
    return high ? (old & LOW) | value << Integer.SIZE : (old & ~LOW) | (value & LOW);
  }

  /** Nobody would notice a timer whose interrupt is an edge that goes nowhere. */
  private boolean isArmed() {
    return hpet.isRunning() && (interrupts() || isLevel());
  }

  /** Waits for the next match. */
  void arm(boolean matchesNow) {
    if (!isArmed()) {
      timer.cancel();
      return;
    }
    // One look at the counter: a match between two would be missed until it comes round.
    long counter = hpet.counter();
    long match = upcoming(counter);
    long away = (match - counter) & mask();
    if (away == 0 && matchesNow) {
      away = mask();
    }
    timer.set(hpet.nanosOf(counter, away));
  }

  private void due() {
    hpet.matched(this);
    catchUp();
    arm(true);
  }

  void save(long[] state, int at) {
    state[at] = configuration | (accumulates ? 1L << Integer.SIZE : 0);
    state[at + 1] = comparator;
    state[at + 2] = period;
  }

  void restore(long[] state, int at) {
    configuration = (int) state[at] & (WRITABLE | ROUTE);
    accumulates = (state[at] >> Integer.SIZE & 1) != 0;
    comparator = state[at + 1];
    period = state[at + 2] & mask();
  }
}
