package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.InterruptSource;
import org.jspecify.annotations.Nullable;

/** When a waiting interrupt may be taken (Intel SDM vol. 3A, 6.8 and 6.7.1). */
final class Interrupts {

  private static final int NMI_VECTOR = 2;
  private static final long RFLAGS_IF = 1L << 9;

  private final UnicornFrame frame;
  private @Nullable InterruptSource source;

  Interrupts(UnicornFrame frame) {
    this.frame = frame;
  }

  void setSource(InterruptSource lines) {
    source = lines;
  }

  /** Takes an interrupt, if one can be taken, and turns the frame to it. */
  boolean begin() {
    InterruptSource lines = source;
    if (lines == null) {
      return false;
    }
    if (lines.isNmiPending() && !frame.isNmiBlocked()) {
      lines.acknowledgeNmi();
      frame.blockNmi();
      frame.beginExternal(NMI_VECTOR);
      return true;
    }
    if (!lines.isPending() || !canTake()) {
      return false;
    }
    int vector = lines.acknowledge();
    if (vector == InterruptSource.NONE) {
      return false;
    }
    frame.clearInterruptShadow();
    frame.beginExternal(vector);
    return true;
  }

  /** Returns the requests that make the CPU come out when what still waits can be taken. */
  int windows() {
    InterruptSource lines = source;
    if (lines == null) {
      return 0;
    }
    return (lines.isPending() ? Intercept.WINDOW_REQUEST : 0)
        | (lines.isNmiPending() ? Intercept.NMI_REQUEST : 0);
  }

  private boolean canTake() {
    return (frame.rawRflags() & RFLAGS_IF) != 0 && !frame.hasInterruptShadow();
  }
}
