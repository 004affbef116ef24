package dev.kmemu.emulator.device;

/**
 * An interrupt line that one of two devices drives: the original one, or what has taken its place.
 * On the CPU's thread.
 */
public final class ReplacedLine {

  private static final int REPLACED = 1;
  private static final int ORIGINAL_HIGH = 2;
  private static final int REPLACEMENT_HIGH = 4;

  private final InterruptPin out;
  private int state;

  /** Creates a line that the original device drives. */
  public ReplacedLine(InterruptPin out) {
    this.out = out;
  }

  /** Returns where the original device leads. */
  public InterruptPin original() {
    return high -> drive(ORIGINAL_HIGH, high);
  }

  /** Returns where the other one leads. */
  InterruptPin replacement() {
    return high -> drive(REPLACEMENT_HIGH, high);
  }

  private void drive(int bit, boolean high) {
    state = high ? state | bit : state & ~bit;
    if ((bit == REPLACEMENT_HIGH) == isReplaced()) {
      out.set(high);
    }
  }

  /** Sets who drives the line, which takes on that one's level. */
  void setReplaced(boolean replaced) {
    if (replaced != isReplaced()) {
      state ^= REPLACED;
      out.set((state & (replaced ? REPLACEMENT_HIGH : ORIGINAL_HIGH)) != 0);
    }
  }

  private boolean isReplaced() {
    return (state & REPLACED) != 0;
  }

  long save() {
    return state;
  }

  void restore(long saved) {
    state = (int) saved & (REPLACED | ORIGINAL_HIGH | REPLACEMENT_HIGH);
  }
}
