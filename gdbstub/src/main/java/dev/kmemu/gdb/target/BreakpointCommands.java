package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.BreakpointPacket;
import dev.kmemu.gdb.packet.BreakpointPacket.Kind;
import dev.kmemu.gdb.packet.Reply;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Answers Z0, Z1, z0 and z1. The machine knows one kind of breakpoint that changes no guest memory;
 * which kinds a debugger planted is kept here, so that a hit is reported as what it asked for.
 */
public final class BreakpointCommands {

  private final DebugTarget target;
  private final Map<VirtualAddress, Set<Kind>> planted = new HashMap<>();

  /** Creates the commands for a target without breakpoints. */
  public BreakpointCommands(DebugTarget target) {
    this.target = target;
  }

  /** Answers a packet. */
  public Reply answer(BreakpointPacket packet) {
    if (packet instanceof BreakpointPacket.Insert insert) {
      return insert(insert.kind(), insert.address());
    } else if (packet instanceof BreakpointPacket.Remove remove) {
      return remove(remove.kind(), remove.address());
    }
    return new Reply.Unsupported();
  }

  /** Whether a breakpoint of {@code kind} was planted at {@code address}. */
  boolean has(Kind kind, VirtualAddress address) {
    return planted.getOrDefault(address, Set.of()).contains(kind);
  }

  private Reply insert(Kind kind, VirtualAddress address) {
    target.insertBreakpoint(address);
    planted.computeIfAbsent(address, key -> EnumSet.noneOf(Kind.class)).add(kind);
    return new Reply.Ok();
  }

  /** The machine's breakpoint goes with the last kind. */
  private Reply remove(Kind kind, VirtualAddress address) {
    Set<Kind> kinds = planted.getOrDefault(address, EnumSet.noneOf(Kind.class));
    if (kinds.remove(kind) && kinds.isEmpty()) {
      planted.remove(address);
      target.removeBreakpoint(address);
    }
    return new Reply.Ok();
  }
}
