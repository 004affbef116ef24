package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.InstructionClock;

/** Guest time that a test moves: 4 bytes of code are a nanosecond. */
final class HandClock implements CodeMeter {

  private long bytes;
  private long bytesPerLook;

  final InstructionClock clock = new InstructionClock(this);
  final GuestTimers timers = new GuestTimers(clock, () -> {});

  /** Lets time pass, and what is due fire at its moment. */
  void advance(long nanos) {
    long end = clock.nanos() + nanos;
    while (timers.nextDeadline() <= end) {
      bytes += Math.max(0, timers.nextDeadline() - clock.nanos()) * 4;
      timers.fireDue();
    }
    bytes += Math.max(0, end - clock.nanos()) * 4;
  }

  /** Lets every look at the clock take time, as for a thread that the host keeps waiting. */
  void delayLooks(long nanos) {
    bytesPerLook = nanos * 4;
  }

  @Override
  public long executedBytes() {
    bytes += bytesPerLook;
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
