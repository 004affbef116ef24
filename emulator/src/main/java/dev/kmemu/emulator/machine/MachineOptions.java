package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.model.MsrAccess;
import dev.kmemu.emulator.model.UnknownMsr;
import dev.kmemu.emulator.time.TimeMode;
import java.util.function.Consumer;

/**
 * What a machine may be told beside its size.
 *
 * @param time what guest time goes by
 * @param unknownMsr what an access to an unknown MSR does
 * @param msrLog hears of each such access, on the CPU's thread
 * @param history what a machine with counted time remembers while a debugger is attached
 */
public record MachineOptions(
    TimeMode time, UnknownMsr unknownMsr, Consumer<MsrAccess> msrLog, HistoryLimits history) {

  /** Wall time; unknown MSRs raise #GP. */
  public static MachineOptions standard() {
    return new MachineOptions(
        TimeMode.WALL, UnknownMsr.RAISES_GENERAL_PROTECTION, access -> {}, HistoryLimits.STANDARD);
  }

  /** Returns the same with another time. */
  public MachineOptions withTime(TimeMode mode) {
    return new MachineOptions(mode, unknownMsr, msrLog, history);
  }

  /** Returns the same with other limits of what a debugged machine remembers. */
  public MachineOptions withHistory(HistoryLimits limits) {
    return new MachineOptions(time, unknownMsr, msrLog, limits);
  }
}
