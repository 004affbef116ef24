package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A way through a {@link History}, made of runs. On the CPU's thread. */
interface Motion {

  /** Prepares the next run, or returns why there is none. The CPU executes nothing meanwhile. */
  @Nullable StopReason prepare();

  /**
   * Whether it leaves a HLT at which the CPU has halted for good: so it does where the CPU was made
   * to go on before.
   */
  default boolean leavesHalts() {
    return true;
  }

  /** Runs. */
  CpuExit run(CpuEngine cpu);

  /**
   * Returns what the end of the run means, null to go on.
   *
   * @param interpreter says it of a machine that just runs
   */
  default @Nullable StopReason ended(
      CpuExit exit, Function<CpuExit, @Nullable StopReason> interpreter) {
    return exit == CpuExit.Stepped.INSTANCE ? null : interpreter.apply(exit);
  }
}
