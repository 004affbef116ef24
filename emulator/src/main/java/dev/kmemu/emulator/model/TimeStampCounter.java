package dev.kmemu.emulator.model;

import dev.kmemu.emulator.time.GuestClock;

/** The TSC: guest time at a fixed frequency (Intel SDM vol. 3B, 17.17). */
final class TimeStampCounter {

  /** Counts per second: the TSC counts nanoseconds. */
  static final long HZ = 1_000_000_000L;

  private final GuestClock clock;
  private long offset;

  TimeStampCounter(GuestClock clock) {
    this.clock = clock;
  }

  long offset() {
    return offset;
  }

  void setOffset(long value) {
    offset = value;
  }

  long read() {
    return clock.nanos() + offset;
  }

  void write(long value) {
    offset = value - clock.nanos();
  }

  /** Returns IA32_TSC_ADJUST: what writes have added to the TSC since it was 0 with the clock. */
  long adjustment() {
    return offset;
  }

  /** Writes IA32_TSC_ADJUST: the TSC moves by as much as the register does. */
  void adjust(long value) {
    offset = value;
  }
}
