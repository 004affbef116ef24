package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.BreakpointPacket.Kind;
import dev.kmemu.gdb.packet.Signal;
import dev.kmemu.gdb.packet.StopReply;
import dev.kmemu.gdb.packet.StopReply.Cause;
import java.util.Set;

/** Says to a debugger why the CPU isn't running. */
public final class StopReplies {

  /** The feature by which a debugger reads {@code swbreak} in stop replies. */
  public static final String SWBREAK = "swbreak";

  /** The feature by which a debugger reads {@code hwbreak} in stop replies. */
  public static final String HWBREAK = "hwbreak";

  private final RegisterCommands registers;
  private final BreakpointCommands breakpoints;

  /** Creates the replies for one session. */
  public StopReplies(RegisterCommands registers, BreakpointCommands breakpoints) {
    this.registers = registers;
    this.breakpoints = breakpoints;
  }

  /** Returns the reply for a stop by {@code vCont;t}; needs a paused CPU. */
  public StopReply withoutSignal() {
    return stopped(Signal.NONE, Cause.NONE);
  }

  /**
   * Returns the reply for {@code reason}; needs a paused CPU unless the machine has ended.
   *
   * @param backwards whether the CPU ran backwards before
   * @param features what the debugger offered
   */
  public StopReply of(StopReason reason, boolean backwards, Set<String> features) {
    if (reason instanceof StopReason.Exited exited) {
      return new StopReply.Exited(exited.status());
    } else if (reason instanceof StopReason.Crashed crashed) {
      return stopped(signal(crashed.vector()), Cause.NONE);
    } else if (reason instanceof StopReason.Interrupted) {
      return stopped(Signal.SIGINT, Cause.NONE);
    } else if (reason instanceof StopReason.Breakpoint breakpoint) {
      return stopped(Signal.SIGTRAP, cause(breakpoint.address(), features));
    } else if (reason instanceof StopReason.Watched watched) {
      return stopped(
          Signal.SIGTRAP, Cause.watchpoint(watched.watchpoint().kind(), watched.address()));
    } else if (reason instanceof StopReason.HistoryEnded) {
      return stopped(Signal.SIGTRAP, backwards ? Cause.HISTORY_BEGIN : Cause.HISTORY_END);
    }
    return stopped(Signal.SIGTRAP, Cause.NONE);
  }

  private StopReply stopped(Signal signal, Cause cause) {
    return new StopReply.Stopped(signal, ThreadCommands.CPU, cause, registers.expedited());
  }

  private Cause cause(VirtualAddress address, Set<String> features) {
    if (features.contains(SWBREAK) && breakpoints.has(Kind.SOFTWARE, address)) {
      return Cause.SOFTWARE_BREAKPOINT;
    }
    if (features.contains(HWBREAK) && breakpoints.has(Kind.HARDWARE, address)) {
      return Cause.HARDWARE_BREAKPOINT;
    }
    return Cause.NONE;
  }

  /** The signal that a kernel would send for an exception (Intel SDM vol. 3, table 6-1). */
  private static Signal signal(int vector) {
    return switch (vector) {
      case 0, 16, 19 -> Signal.SIGFPE;
      case 1, 3 -> Signal.SIGTRAP;
      case 6 -> Signal.SIGILL;
      case 17 -> Signal.SIGBUS;
      default -> Signal.SIGSEGV;
    };
  }
}
