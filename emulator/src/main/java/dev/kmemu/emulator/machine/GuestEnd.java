package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.PowerSwitch;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.emulator.trap.ExceptionName;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the end of a run says about a guest that doesn't go on. */
final class GuestEnd {

  private static final int BREAKPOINT = 3;
  private static final int MACHINE_CHECK = 18;

  private GuestEnd() {}

  /**
   * Returns how the guest ended.
   *
   * @param crash the exception that nobody answered, if that was it
   * @param idtLimit the limit of the IDT
   * @param power what it did to the machine's power, if anything
   * @param exitValue what it wrote to the debug-exit port
   */
  static GuestOutcome outcome(
      CpuExit exit,
      @Nullable CrashReport crash,
      long idtLimit,
      PowerSwitch.@Nullable Request power,
      OptionalInt exitValue) {
    if (power != null) {
      return power == PowerSwitch.Request.POWER_OFF
          ? new GuestOutcome.PoweredOff()
          : new GuestOutcome.Rebooted();
    }
    if (exit == CpuExit.Halted.INSTANCE) {
      return new GuestOutcome.Halted();
    }
    if (exit instanceof CpuExit.EngineFailed failed) {
      return new GuestOutcome.EngineFailed(failed.reason(), failed.cause());
    }
    if (crash != null && isReboot(crash, idtLimit)) {
      return new GuestOutcome.Rebooted();
    }
    return crash != null
        ? new GuestOutcome.Crashed(crash)
        : new GuestOutcome.Exited(exitValue.orElse(0));
  }

  /**
   * Kernels that know no other way reset the machine by a shutdown: they load an empty IDT and
   * execute INT3. Any other shutdown is an accident.
   */
  private static boolean isReboot(CrashReport crash, long idtLimit) {
    return crash.vector() == BREAKPOINT && idtLimit == 0;
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
    if (!endsWithGuest || outcome instanceof GuestOutcome.Halted) {
      return new StopReason.Halted();
    }
    return new StopReason.Exited(
        outcome instanceof GuestOutcome.Exited exited ? exited.value() & 0xFF : 0);
  }
}
