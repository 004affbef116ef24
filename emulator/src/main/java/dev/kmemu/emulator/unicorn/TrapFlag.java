package dev.kmemu.emulator.unicorn;

/**
 * Whose the trap flag is (Intel SDM vol. 3B, 17.3.1.4): the guest's, which hears of each of its
 * instructions, or the debugger's, of which the guest must see neither the flag nor DR6.BS.
 */
final class TrapFlag {

  private static final long TRAP_FLAG = 1L << 8;
  private static final long DR6_HITS = 0xF;
  private static final long DR6_BS = 1L << 14;

  private final UnicornFrame frame;
  private boolean stepping;
  private boolean hidden;
  private boolean passing;
  private boolean ignoresNext;
  private long oldDr6;

  TrapFlag(UnicornFrame frame) {
    this.frame = frame;
  }

  /**
   * Turns to a run.
   *
   * @param step whether it is to end after one instruction, for which TF is set
   * @param guestTraces whether TF is the guest's own
   */
  void begin(boolean step, boolean guestTraces) {
    stepping = step;
    ignoresNext = false;
    passing = false;
    hidden = step && !guestTraces;
    frame.hideTrapFlag(hidden);
    oldDr6 = frame.dr6();
  }

  /** Whether the run is to end after one instruction. */
  boolean isStepping() {
    return stepping;
  }

  /** Traces the next instruction of a run that goes on behind it. */
  void beginPass() {
    passing = true;
    hidden = true;
    frame.hideTrapFlag(true);
    rememberDr6();
    frame.setTrapFlag();
  }

  /** Whether an instruction is being passed over. */
  boolean isPassing() {
    return passing;
  }

  void endPass() {
    passing = false;
    hidden = false;
    frame.hideTrapFlag(false);
  }

  /** Whether TF is set, and the debugger's. */
  boolean isHidden() {
    return hidden;
  }

  /** Whether TF is set, and the guest's own. */
  boolean isGuests() {
    return !hidden && (frame.rawRflags() & TRAP_FLAG) != 0;
  }

  /** Remembers DR6 as the guest knows it. */
  void rememberDr6() {
    oldDr6 = frame.dr6();
  }

  /** The library will raise a trap that the guest didn't ask for. */
  void ignoreNext() {
    ignoresNext = true;
  }

  /** Tells once whether this exception is the one to be ignored. */
  boolean takeIgnored(boolean isDebug) {
    boolean ignored = ignoresNext && isDebug;
    ignoresNext = false;
    if (ignored) {
      hideTrap();
    }
    return ignored;
  }

  /** Takes the debugger's trap away from the guest. */
  void takeBack() {
    frame.clearTrapFlag();
    hideTrap();
  }

  /** Says in DR6 that the guest's own trap is a step's. */
  void mark() {
    frame.setDr6((frame.dr6() & ~DR6_HITS) | DR6_BS);
  }

  private void hideTrap() {
    frame.setDr6((frame.dr6() & ~DR6_BS) | (oldDr6 & DR6_BS));
  }
}
