package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.BreakpointCondition;
import dev.kmemu.emulator.debug.ConditionalBreakpoints;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.agent.AgentExpression;
import dev.kmemu.gdb.agent.AgentLimits;
import dev.kmemu.gdb.agent.AgentMachine;
import dev.kmemu.gdb.agent.BadAgentCodeException;
import dev.kmemu.gdb.packet.BreakpointPacket;
import dev.kmemu.gdb.packet.BreakpointPacket.Kind;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.wire.Payload;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Answers Z0, Z1, z0 and z1. The machine knows one kind of breakpoint that changes no guest memory;
 * which kinds a debugger planted, and what it wants at each, is kept here.
 */
public final class BreakpointCommands {

  private final DebugTarget target;
  private final Optional<ConditionalBreakpoints> conditional;
  private final RegisterLayout layout;
  private final AgentLimits limits;
  private final Consumer<String> console;
  private final Map<VirtualAddress, Map<Kind, BreakpointPlan>> planted = new HashMap<>();

  /**
   * Creates the commands for a target without breakpoints.
   *
   * @param console where the commands of breakpoints print; called on the CPU's thread
   */
  public BreakpointCommands(
      DebugTarget target, RegisterLayout layout, AgentLimits limits, Consumer<String> console) {
    this.target = target;
    this.conditional = target.conditionalBreakpoints();
    this.layout = layout;
    this.limits = limits;
    this.console = console;
  }

  /** Answers a packet. */
  public Reply answer(BreakpointPacket packet) {
    if (packet instanceof BreakpointPacket.Insert insert) {
      return insert(insert);
    } else if (packet instanceof BreakpointPacket.Remove remove) {
      return remove(remove.kind(), remove.address());
    }
    return new Reply.Unsupported();
  }

  /** Whether there is a breakpoint at {@code address}. */
  public boolean isAt(VirtualAddress address) {
    return planted.containsKey(address);
  }

  /** Whether a breakpoint of {@code kind} was planted at {@code address}. */
  boolean has(Kind kind, VirtualAddress address) {
    return planted.getOrDefault(address, Map.of()).containsKey(kind);
  }

  /** A breakpoint that is planted again has what came with it the last time. */
  private Reply insert(BreakpointPacket.Insert insert) {
    BreakpointPlan plan = BreakpointPlan.STOP;
    if (!insert.conditions().isEmpty() || !insert.commands().isEmpty()) {
      if (conditional.isEmpty()) {
        return invalid("this machine has no conditions at breakpoints");
      }
      try {
        plan = new BreakpointPlan(conditions(insert), commands(insert));
      } catch (BadAgentCodeException e) {
        return invalid(String.valueOf(e.getMessage()));
      }
    }
    Map<Kind, BreakpointPlan> before = planted.getOrDefault(insert.address(), Map.of());
    Map<Kind, BreakpointPlan> plans = new EnumMap<>(Kind.class);
    plans.putAll(before);
    plans.put(insert.kind(), plan);
    plant(insert.address(), before, plans);
    planted.put(insert.address(), plans);
    return new Reply.Ok();
  }

  /** The machine's breakpoint goes with the last kind. */
  private Reply remove(Kind kind, VirtualAddress address) {
    if (!has(kind, address)) {
      return new Reply.Ok();
    }
    Map<Kind, BreakpointPlan> before = planted.getOrDefault(address, Map.of());
    Map<Kind, BreakpointPlan> plans = new EnumMap<>(before);
    plans.remove(kind);
    if (plans.isEmpty()) {
      planted.remove(address);
      target.removeBreakpoint(address);
    } else {
      plant(address, before, plans);
      planted.put(address, plans);
    }
    return new Reply.Ok();
  }

  /** A machine's breakpoint that has a condition loses it only by being removed. */
  private void plant(
      VirtualAddress address, Map<Kind, BreakpointPlan> before, Map<Kind, BreakpointPlan> now) {
    if (isUnconditional(now)) {
      if (!isUnconditional(before)) {
        target.removeBreakpoint(address);
      }
      target.insertBreakpoint(address);
    } else {
      conditional.orElseThrow().insert(address, condition(List.copyOf(now.values())));
    }
  }

  private BreakpointCondition condition(List<BreakpointPlan> plans) {
    AgentMachine machine = new AgentMachine(console);
    return cpu -> {
      boolean stops = false;
      for (BreakpointPlan plan : plans) {
        stops |= plan.carryOut(machine, cpu);
      }
      return stops;
    };
  }

  private static boolean isUnconditional(Map<Kind, BreakpointPlan> plans) {
    return plans.values().stream().allMatch(BreakpointPlan::stopsAlways);
  }

  private List<AgentExpression> conditions(BreakpointPacket.Insert insert)
      throws BadAgentCodeException {
    List<AgentExpression> expressions = new ArrayList<>();
    for (Payload bytes : insert.conditions()) {
      expressions.add(AgentExpression.condition(bytes, layout, limits));
    }
    return expressions;
  }

  private List<AgentExpression> commands(BreakpointPacket.Insert insert)
      throws BadAgentCodeException {
    List<AgentExpression> expressions = new ArrayList<>();
    for (Payload bytes : insert.commands()) {
      expressions.add(AgentExpression.command(bytes, layout, limits));
    }
    return expressions;
  }

  private static Reply invalid(String reason) {
    return new Reply.Failure(ErrorCode.INVALID, reason);
  }
}
