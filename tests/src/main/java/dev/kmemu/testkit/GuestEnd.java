package dev.kmemu.testkit;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.trap.CrashReport;
import org.jspecify.annotations.Nullable;

/**
 * How a run of a {@link UserMachine} ended.
 *
 * @param exit what the CPU says
 * @param crash the exception that nobody answered; null when the program ended by itself
 */
public record GuestEnd(CpuExit exit, @Nullable CrashReport crash) {

  /** Returns why the program crashed, empty when it didn't. */
  public String reason() {
    return crash == null ? "" : crash.reason();
  }
}
