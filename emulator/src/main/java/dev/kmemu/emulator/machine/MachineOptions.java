package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.memory.RamLayout;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.model.MsrAccess;
import dev.kmemu.emulator.model.UnknownMsr;
import dev.kmemu.emulator.time.TimeMode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a machine may be told beside its size.
 *
 * @param time what guest time goes by
 * @param cpu which processor it has
 * @param unknownMsr what an access to an unknown MSR does
 * @param msrLog hears of each such access, on the CPU's thread
 * @param layout where RAM is
 * @param profile hears of each exit of the CPU, if there is one; each then costs some 50 ns more
 * @param history what a machine with counted time remembers while a debugger is attached
 */
public record MachineOptions(
    TimeMode time,
    CpuModel cpu,
    UnknownMsr unknownMsr,
    Consumer<MsrAccess> msrLog,
    RamLayout layout,
    @Nullable ExitProfile profile,
    HistoryLimits history) {

  /** Wall time; unknown MSRs raise #GP; RAM in one piece. */
  public static MachineOptions standard() {
    return new MachineOptions(
        TimeMode.WALL,
        CpuModel.MAX,
        UnknownMsr.RAISES_GENERAL_PROTECTION,
        access -> {},
        RamLayout.ONE_PIECE,
        null,
        HistoryLimits.STANDARD);
  }

  /** Returns the same with another time. */
  public MachineOptions withTime(TimeMode mode) {
    return new MachineOptions(mode, cpu, unknownMsr, msrLog, layout, profile, history);
  }

  /** Returns the same with another processor. */
  public MachineOptions withCpu(CpuModel model) {
    return new MachineOptions(time, model, unknownMsr, msrLog, layout, profile, history);
  }

  /** Returns the same with RAM laid out in another way. */
  public MachineOptions withLayout(RamLayout other) {
    return new MachineOptions(time, cpu, unknownMsr, msrLog, other, profile, history);
  }

  /** Returns the same with a profile. */
  public MachineOptions withProfile(ExitProfile tallies) {
    return new MachineOptions(time, cpu, unknownMsr, msrLog, layout, tallies, history);
  }

  /** Returns the same with other limits of what a debugged machine remembers. */
  public MachineOptions withHistory(HistoryLimits limits) {
    return new MachineOptions(time, cpu, unknownMsr, msrLog, layout, profile, limits);
  }
}
