package dev.kmemu.emulator.time;

import dev.kmemu.emulator.cpu.CodeMeter;

/**
 * Guest time that goes with the code that the guest executes, so that the same run takes the same
 * time and is interrupted at the same places: 4 bytes of code, about an instruction, are a
 * nanosecond. While the CPU waits for an interrupt, it jumps to what it waits for.
 */
public final class InstructionClock implements GuestClock {

  private static final int BYTES_PER_NANO = 4;

  private final CodeMeter meter;
  private volatile long skipped;

  /** Creates a clock over what {@code meter} counts. */
  public InstructionClock(CodeMeter meter) {
    this.meter = meter;
  }

  @Override
  public long nanos() {
    return meter.executedBytes() / BYTES_PER_NANO + skipped;
  }

  /** Returns the bytes of code since the last whole nanosecond. */
  public int remainder() {
    return (int) (meter.executedBytes() % BYTES_PER_NANO);
  }

  /**
   * Goes on from {@code nanos} and {@code remainder}; the timers must be told. On the CPU's thread.
   */
  public void set(long nanos, int remainder) {
    meter.setExecutedBytes(nanos * BYTES_PER_NANO + remainder);
    skipped = 0;
  }

  /** Lets the CPU's thread be called when the clock gets to {@code nanos}. */
  void alarmAt(long nanos) {
    long away = Math.max(0, nanos) - skipped;
    meter.setAlarm(
        away >= Long.MAX_VALUE / BYTES_PER_NANO ? Long.MAX_VALUE : away * BYTES_PER_NANO);
  }

  /** Jumps to {@code nanos}, unless it is past. On the CPU's thread. */
  void skipTo(long nanos) {
    long before = skipped;
    skipped = before + Math.max(0, nanos - nanos());
  }
}
