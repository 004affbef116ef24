package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.emulator.trap.ExceptionName;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the end of a run says about a guest that doesn't go on. */
final class GuestEnd {

  private static final int MACHINE_CHECK = 18;

  private GuestEnd() {}

  /**
   * Returns how the guest ended.
   *
   * @param crash the exception that nobody answered, if that was it
   * @param exitValue what it wrote to the debug-exit port
   */
  static GuestOutcome outcome(CpuExit exit, @Nullable CrashReport crash, OptionalInt exitValue) {
    if (exit == CpuExit.Halted.INSTANCE) {
      return new GuestOutcome.Halted();
    }
    if (exit instanceof CpuExit.EngineFailed failed) {
      return new GuestOutcome.EngineFailed(failed.reason(), failed.cause());
    }
    return crash != null
        ? new GuestOutcome.Crashed(crash)
        : new GuestOutcome.Exited(exitValue.orElse(0));
  }

  /**
   * Returns what a debugger hears of it.
   *
   * @param endsWithGuest whether it hears that the guest has exited
   */
  static StopReason stop(GuestOutcome outcome, boolean endsWithGuest) {
    if (outcome instanceof GuestOutcome.EngineFailed failed) {
      return new StopReason.Crashed(
          MACHINE_CHECK, ExceptionName.of(MACHINE_CHECK) + ": " + failed.reason());
    }
    if (outcome instanceof GuestOutcome.Crashed crashed) {
      return new StopReason.Crashed(crashed.report().vector(), crashed.report().summary());
    }
    return endsWithGuest && outcome instanceof GuestOutcome.Exited exited
        ? new StopReason.Exited(exited.value() & 0xFF)
        : new StopReason.Halted();
  }
}
