package dev.kmemu.emulator.time;

/** What makes the CPU's thread fire timers when guest time gets to the next deadline. */
interface DeadlineAlarm extends AutoCloseable {

  /**
   * Takes the next deadline, {@link GuestTimers#NONE} for none. From any thread, one at a time.
   *
   * @param onCpu whether it is the CPU's thread, which looks at the timers before guest code runs
   */
  void set(long deadline, boolean onCpu);

  /** Says that due timers have been fired. */
  void served();

  /** Says that a clock that stood goes again. */
  void clockGoes();

  @Override
  void close();
}
