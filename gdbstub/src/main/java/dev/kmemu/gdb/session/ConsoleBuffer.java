package dev.kmemu.gdb.session;

/**
 * Text on its way from the CPU's thread to the debugger's console. Bounded: what a breakpoint's
 * commands print faster than the debugger reads is left out and counted. For any thread.
 */
final class ConsoleBuffer {

  private final int most;
  private final StringBuilder text = new StringBuilder();
  private long lost;

  /**
   * Creates an empty buffer.
   *
   * @param most the most characters that wait
   */
  ConsoleBuffer(int most) {
    this.most = most;
  }

  /** Adds text, and returns whether the buffer was empty: someone must come and take it. */
  synchronized boolean add(String piece) {
    boolean first = text.length() == 0;
    if (lost > 0 || text.length() + piece.length() > most) {
      lost++;
      return false;
    }
    text.append(piece);
    return first;
  }

  /** Takes what has come since the last time. */
  synchronized String take() {
    if (lost > 0) {
      text.append("\n[").append(lost).append(" messages left out: they came too fast]\n");
    }
    String taken = text.toString();
    text.setLength(0);
    lost = 0;
    return taken;
  }
}
