package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.memory.RamLayout;
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
 * @param layout where RAM is
 */
public record MachineOptions(
    TimeMode time, UnknownMsr unknownMsr, Consumer<MsrAccess> msrLog, RamLayout layout) {

  /** Wall time; unknown MSRs raise #GP; RAM in one piece. */
  public static MachineOptions standard() {
    return new MachineOptions(
        TimeMode.WALL, UnknownMsr.RAISES_GENERAL_PROTECTION, access -> {}, RamLayout.ONE_PIECE);
  }

  /** Returns the same with another time. */
  public MachineOptions withTime(TimeMode mode) {
    return new MachineOptions(mode, unknownMsr, msrLog, layout);
  }

  /** Returns the same with RAM laid out in another way. */
  public MachineOptions withLayout(RamLayout other) {
    return new MachineOptions(time, unknownMsr, msrLog, other);
  }
}
