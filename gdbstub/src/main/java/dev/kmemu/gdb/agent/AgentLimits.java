package dev.kmemu.gdb.agent;

/**
 * How much an expression may take. All of it is checked or counted, as the bytes come from outside.
 *
 * @param expressionBytes the longest expression
 * @param stackDepth the most values on the stack
 * @param steps the most instructions that one evaluation may execute
 * @param textBytes the most characters that one evaluation may print
 */
public record AgentLimits(int expressionBytes, int stackDepth, int steps, int textBytes) {

  /** Far more than a debugger makes of an expression that a person typed. */
  public static final AgentLimits DEFAULT = new AgentLimits(0x1000, 100, 10_000, 0x1000);

  /** The highest that any limit can be. */
  private static final int MOST = 0x100_0000;

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public AgentLimits {
    check("expressionBytes", expressionBytes);
    check("stackDepth", stackDepth);
    check("steps", steps);
    check("textBytes", textBytes);
  }

  private static void check(String name, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(
          String.format("%s is %d; choose 1 to %d", name, value, MOST));
    }
  }
}
