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
 */
public record MachineOptions(TimeMode time, UnknownMsr unknownMsr, Consumer<MsrAccess> msrLog) {

  /** Wall time; unknown MSRs raise #GP. */
  public static MachineOptions standard() {
    return new MachineOptions(TimeMode.WALL, UnknownMsr.RAISES_GENERAL_PROTECTION, access -> {});
  }

  /** Returns the same with another time. */
  public MachineOptions withTime(TimeMode mode) {
    return new MachineOptions(mode, unknownMsr, msrLog);
  }
}
