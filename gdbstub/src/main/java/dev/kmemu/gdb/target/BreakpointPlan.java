package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.gdb.agent.AgentExpression;
import dev.kmemu.gdb.agent.AgentMachine;
import java.util.List;

/**
 * What a debugger wants at a breakpoint.
 *
 * @param conditions of which one must hold, when there are any
 * @param commands what to do instead of a stop, when there are any
 */
record BreakpointPlan(List<AgentExpression> conditions, List<AgentExpression> commands) {

  /** Stops always. */
  static final BreakpointPlan STOP = new BreakpointPlan(List.of(), List.of());

  /** Copies the lists. */
  BreakpointPlan {
    conditions = List.copyOf(conditions);
    commands = List.copyOf(commands);
  }

  boolean stopsAlways() {
    return conditions.isEmpty() && commands.isEmpty();
  }

  /** Does the commands when a condition holds, and returns whether to stop. */
  boolean carryOut(AgentMachine machine, StoppedCpu cpu) {
    if (!holds(machine, cpu)) {
      return false;
    }
    for (AgentExpression command : commands) {
      machine.evaluate(command, cpu);
    }
    return commands.isEmpty();
  }

  private boolean holds(AgentMachine machine, StoppedCpu cpu) {
    for (AgentExpression condition : conditions) {
      if (machine.evaluate(condition, cpu) != 0) {
        return true;
      }
    }
    return conditions.isEmpty();
  }
}
