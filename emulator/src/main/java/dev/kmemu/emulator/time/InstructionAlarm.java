package dev.kmemu.emulator.time;

/** Deadlines of a clock that counts code: the meter itself calls the CPU's thread. */
final class InstructionAlarm implements DeadlineAlarm {

  private final InstructionClock clock;
  private final Runnable wake;

  InstructionAlarm(InstructionClock clock, Runnable wake) {
    this.clock = clock;
    this.wake = wake;
  }

  /** A CPU that waits for an interrupt must hear of what another thread sets. */
  @Override
  public void set(long deadline, boolean onCpu) {
    clock.alarmAt(deadline);
    if (!onCpu) {
      wake.run();
    }
  }

  @Override
  public void served() {}

  @Override
  public void clockGoes() {}

  @Override
  public void close() {}
}
