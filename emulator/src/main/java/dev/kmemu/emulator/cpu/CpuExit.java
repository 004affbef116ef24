package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;
import org.jspecify.annotations.Nullable;

/** Why a run ended. */
public sealed interface CpuExit {

  /** {@link CpuEngine#requestStop} was called. */
  enum Stopped implements CpuExit {
    /** The only one. */
    INSTANCE
  }

  /** HLT was executed; RIP is behind it. */
  enum Halted implements CpuExit {
    /** The only one. */
    INSTANCE
  }

  /** A step is complete. */
  enum Stepped implements CpuExit {
    /** The only one. */
    INSTANCE
  }

  /** RIP is at a breakpoint. */
  enum BreakpointHit implements CpuExit {
    /** The only one. */
    INSTANCE
  }

  /**
   * The instruction before RIP used watched bytes. Of one with a REP prefix, that is an iteration,
   * and RIP is still at it.
   *
   * @param watch the first that was hit
   * @param address the first of its bytes that was used
   */
  record WatchHit(MemoryWatch watch, VirtualAddress address) implements CpuExit {}

  /** The trap handler or the port bus ended the run and knows why. */
  enum HandlerEnded implements CpuExit {
    /** The only one. */
    INSTANCE
  }

  /**
   * The engine can't go on.
   *
   * @param reason one line for a person
   * @param cause what a handler threw, if that was it
   */
  record EngineFailed(String reason, @Nullable Throwable cause) implements CpuExit {}
}
