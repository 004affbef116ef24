package dev.kmemu.gdb.agent;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Checks that no way through an expression takes values that aren't on the stack, puts too many
 * there, or runs off the end. What has passed needs no such checks when it is evaluated.
 */
final class AgentVerifier {

  private static final int UNREACHED = -1;

  private final List<Instruction> code;
  private final AgentLimits limits;
  private final int[] depthBefore;
  private final Deque<Integer> toVisit = new ArrayDeque<>();

  private AgentVerifier(List<Instruction> code, AgentLimits limits) {
    this.code = code;
    this.limits = limits;
    this.depthBefore = new int[code.size()];
    Arrays.fill(depthBefore, UNREACHED);
  }

  /**
   * Checks {@code code}.
   *
   * @param results how many values must be there at each end, at least
   */
  static void verify(List<Instruction> code, int results, AgentLimits limits)
      throws BadAgentCodeException {
    if (code.isEmpty()) {
      throw new BadAgentCodeException("an expression without instructions");
    }
    AgentVerifier verifier = new AgentVerifier(code, limits);
    verifier.reach(0, 0);
    while (!verifier.toVisit.isEmpty()) {
      verifier.visit(verifier.toVisit.pop(), results);
    }
  }

  private void visit(int index, int results) throws BadAgentCodeException {
    Instruction instruction = code.get(index);
    int depth = depthBefore[index];
    int needs = instruction.opcode() == Opcode.END ? results : instruction.needs();
    if (depth < needs) {
      throw new BadAgentCodeException(
          instruction + " needs " + needs + " values on the stack and finds " + depth);
    }
    int after = depth + instruction.growth();
    if (after > limits.stackDepth()) {
      throw new BadAgentCodeException(
          instruction + " is beyond the stack's " + limits.stackDepth() + " values");
    }
    if (instruction.isJump()) {
      reach((int) instruction.operand(), after);
    }
    if (instruction.fallsThrough()) {
      if (index + 1 == code.size()) {
        throw new BadAgentCodeException(instruction + " is the last; an end must follow");
      }
      reach(index + 1, after);
    }
  }

  private void reach(int index, int depth) throws BadAgentCodeException {
    if (depthBefore[index] == UNREACHED) {
      depthBefore[index] = depth;
      toVisit.push(index);
    } else if (depthBefore[index] != depth) {
      throw new BadAgentCodeException(
          code.get(index)
              + " is reached with "
              + depthBefore[index]
              + " and with "
              + depth
              + " values on the stack");
    }
  }
}
