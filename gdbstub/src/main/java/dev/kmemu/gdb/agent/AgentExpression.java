package dev.kmemu.gdb.agent;

import dev.kmemu.gdb.wire.Payload;
import java.util.List;

/** An expression that has been checked and can be evaluated. Immutable. */
public final class AgentExpression {

  private final List<Instruction> code;
  private final AgentLimits limits;

  private AgentExpression(List<Instruction> code, AgentLimits limits) {
    this.code = List.copyOf(code);
    this.limits = limits;
  }

  /**
   * Reads a condition, which leaves a value.
   *
   * @throws BadAgentCodeException when the bytes aren't such an expression
   */
  public static AgentExpression condition(
      Payload bytes, AgentRegister.Numbering registers, AgentLimits limits)
      throws BadAgentCodeException {
    return read(bytes, 1, registers, limits);
  }

  /**
   * Reads a command, which does something.
   *
   * @throws BadAgentCodeException when the bytes aren't such an expression
   */
  public static AgentExpression command(
      Payload bytes, AgentRegister.Numbering registers, AgentLimits limits)
      throws BadAgentCodeException {
    return read(bytes, 0, registers, limits);
  }

  private static AgentExpression read(
      Payload bytes, int results, AgentRegister.Numbering registers, AgentLimits limits)
      throws BadAgentCodeException {
    if (bytes.length() > limits.expressionBytes()) {
      throw new BadAgentCodeException(
          "an expression of "
              + bytes.length()
              + " bytes; at most "
              + limits.expressionBytes()
              + " are taken");
    }
    List<Instruction> code = new AgentDecoder(bytes, registers).decode();
    AgentVerifier.verify(code, results, limits);
    return new AgentExpression(code, limits);
  }

  Instruction at(int index) {
    return code.get(index);
  }

  AgentLimits limits() {
    return limits;
  }
}
