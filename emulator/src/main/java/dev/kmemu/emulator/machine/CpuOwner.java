package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whom a {@link VcpuThread} asks and tells about its runs. */
interface CpuOwner {

  /** Turns the end of a run into a stop, or null to run on. On the CPU's thread. */
  @Nullable StopReason interpret(CpuExit exit);

  /**
   * Returns, at the moment of a stop that a run came to, who hears of it; whoever that is hears
   * once the CPU counts as paused. On the CPU's thread, both.
   */
  Consumer<StopReason> observer();

  /** Whether a CPU that sleeps has something to do. On the CPU's thread. */
  boolean isAwake();

  /** Whether a CPU that sleeps can't be woken any more. On the CPU's thread. */
  boolean sleepsForGood();

  /** Called at the moment in which a paused CPU counts as running. */
  void resumed();
}
