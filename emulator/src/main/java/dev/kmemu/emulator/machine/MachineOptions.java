package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.memory.RamLayout;
import dev.kmemu.emulator.model.MsrAccess;
import dev.kmemu.emulator.model.UnknownMsr;
import dev.kmemu.emulator.time.TimeMode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a machine may be told beside its size.
 *
 * @param time what guest time goes by
 * @param unknownMsr what an access to an unknown MSR does
 * @param msrLog hears of each such access, on the CPU's thread
 * @param layout where RAM is
 * @param profile hears of each exit of the CPU, if there is one; each then costs some 50 ns more
 */
public record MachineOptions(
    TimeMode time,
    UnknownMsr unknownMsr,
    Consumer<MsrAccess> msrLog,
    RamLayout layout,
    @Nullable ExitProfile profile) {

  /** Wall time; unknown MSRs raise #GP; RAM in one piece. */
  public static MachineOptions standard() {
    return new MachineOptions(
        TimeMode.WALL,
        UnknownMsr.RAISES_GENERAL_PROTECTION,
        access -> {},
        RamLayout.ONE_PIECE,
        null);
  }

  /** Returns the same with another time. */
  public MachineOptions withTime(TimeMode mode) {
    return new MachineOptions(mode, unknownMsr, msrLog, layout, profile);
  }

  /** Returns the same with RAM laid out in another way. */
  public MachineOptions withLayout(RamLayout other) {
    return new MachineOptions(time, unknownMsr, msrLog, other, profile);
  }

  /** Returns the same with a profile. */
  public MachineOptions withProfile(ExitProfile tallies) {
    return new MachineOptions(time, unknownMsr, msrLog, layout, tallies);
  }
}
