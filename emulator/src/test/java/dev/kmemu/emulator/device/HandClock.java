package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.InstructionClock;

/** Guest time that a test moves: 4 bytes of code are a nanosecond. */
final class HandClock implements CodeMeter {

  private long bytes;

  final InstructionClock clock = new InstructionClock(this);
  final GuestTimers timers = new GuestTimers(clock, () -> {});

  /** Lets time pass, and what is due fire at its moment. */
  void advance(long nanos) {
    long end = clock.nanos() + nanos;
    while (timers.nextDeadline() <= end) {
      bytes += (Math.max(timers.nextDeadline(), clock.nanos()) - clock.nanos()) * 4;
      timers.fireDue();
    }
    bytes += (end - clock.nanos()) * 4;
  }

  @Override
  public long executedBytes() {
    return bytes;
  }

  @Override
  public void setExecutedBytes(long count) {
    bytes = count;
  }

  @Override
  public void setAlarm(long at) {
    // Tests move the clock themselves.
  }
}
