package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InstructionCounter;
import dev.kmemu.emulator.debug.StopReason;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs over what has been executed before. Where the guest had ended and was made to go on, it goes
 * on again.
 */
final class Repetition {

  private final InstructionCounter counter;
  private long startedAt;

  Repetition(InstructionCounter counter) {
    this.counter = counter;
  }

  /** Runs past breakpoints and watchpoints. */
  CpuExit runHidden(CpuEngine cpu) {
    counter.setStopsHidden(true);
    try {
      return run(cpu, false);
    } finally {
      counter.setStopsHidden(false);
    }
  }

  /**
   * Runs to the next stop.
   *
   * @param passes whether a breakpoint here is none
   */
  CpuExit run(CpuEngine cpu, boolean passes) {
    startedAt = counter.count();
    return passes ? cpu.run() : cpu.continueRun();
  }

  /** Returns why the way can't go on, or null. */
  @Nullable StopReason ended(CpuExit exit, Function<CpuExit, @Nullable StopReason> interpreter) {
    StopReason reason = exit == CpuExit.Stepped.INSTANCE ? null : interpreter.apply(exit);
    return counter.count() > startedAt ? null : reason;
  }
}
