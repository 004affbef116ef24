package dev.kmemu.emulator.cpu;

/** The lines that lead into a CPU. */
public interface InterruptSource {

  /** What {@link #acknowledge} returns when the interrupt has gone away meanwhile. */
  int NONE = -1;

  /** Whether a maskable interrupt waits. From any thread. */
  boolean isPending();

  /**
   * Takes the waiting interrupt, on the CPU's thread, when it is about to be delivered.
   *
   * @return its vector, 0 to 255, or {@link #NONE}
   */
  int acknowledge();

  /** Whether a non-maskable interrupt waits. From any thread. */
  boolean isNmiPending();

  /** Takes the waiting non-maskable interrupt, on the CPU's thread. */
  void acknowledgeNmi();
}
