package dev.kmemu.cli.report;

import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.boot.LoadedPart;
import dev.kmemu.emulator.cpu.CodeTally;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.Standstill;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a boot.
 *
 * @param image the image's name
 * @param format the protocol that it was loaded by
 * @param ramBytes guest RAM
 * @param entry where the CPU began
 * @param parts what was loaded where
 * @param outcome how the guest ended, null when its time was over
 * @param standstill where it was then
 * @param untaken the devices of its whose output nobody took then, so that it waited
 * @param took from the first instruction to the end
 * @param guestNanos guest time at the end
 * @param portAccesses how often the CPU used a port
 * @param interrupts how many interrupts it took
 * @param instructions how many it executed, about: one for each four bytes of code; empty where
 *     they weren't counted
 * @param profile where the time went, when that was asked for
 * @param rip where it is in the end
 * @param stateHash the machine's state in the end; empty where runs don't repeat
 * @param exitStatus the program's
 */
public record BootReport(
    String image,
    String format,
    long ramBytes,
    VirtualAddress entry,
    List<LoadedPart> parts,
    @Nullable GuestOutcome outcome,
    Optional<Standstill> standstill,
    List<String> untaken,
    Duration took,
    long guestNanos,
    long portAccesses,
    long interrupts,
    OptionalLong instructions,
    Optional<ProfileReport> profile,
    VirtualAddress rip,
    String stateHash,
    int exitStatus) {

  private static final int BYTES_PER_INSTRUCTION = 4;

  /** Collects the facts of a boot that is over. */
  public static BootReport of(
      PcMachine pc,
      BootImage image,
      Loaded loaded,
      long entry,
      @Nullable GuestOutcome outcome,
      Optional<Standstill> standstill,
      List<String> untaken,
      Duration took,
      Optional<CodeTally> meter,
      Optional<ExitProfile> profile,
      boolean repeats,
      int exitStatus) {
    boolean killed = outcome instanceof GuestOutcome.Killed;
    return new BootReport(
        image.name(),
        image.format(),
        pc.machine().ram().size(),
        new VirtualAddress(entry),
        loaded.parts(),
        outcome,
        standstill,
        List.copyOf(untaken),
        took,
        killed ? 0 : pc.machine().onCpu(cpu -> pc.machine().clock().nanos()),
        killed ? 0 : pc.machine().onCpu(cpu -> pc.machine().ports().accesses()),
        pc.interruptsTaken(),
        meter.map(BootReport::instructions).orElse(OptionalLong.empty()),
        profile.map(tallies -> ProfileReport.of(tallies, took)),
        new VirtualAddress(killed ? 0 : pc.machine().onCpu(cpu -> cpu.state().linearRip())),
        killed || !repeats ? "" : pc.machine().stateHash(),
        exitStatus);
  }

  /** Returns about how many instructions {@code meter} has counted. */
  public static OptionalLong instructions(CodeTally meter) {
    return OptionalLong.of(meter.executedBytes() / BYTES_PER_INSTRUCTION);
  }

  /**
   * Returns how many million instructions it executed in a second, empty where none were counted.
   */
  OptionalDouble mips() {
    return mips(instructions, took);
  }

  static OptionalDouble mips(OptionalLong instructions, Duration took) {
    return instructions.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(instructions.getAsLong() * 1e3 / Math.max(1, took.toNanos()));
  }

  /** Whether the user or a debugger ended it, so that there is no machine left to look at. */
  public boolean isKilled() {
    return outcome instanceof GuestOutcome.Killed;
  }

  /** Returns the outcome's name, which scripts may rely on. */
  String outcomeName() {
    if (outcome == null) {
      return "timeout";
    } else if (outcome instanceof GuestOutcome.PoweredOff) {
      return "powered-off";
    } else if (outcome instanceof GuestOutcome.Rebooted) {
      return "rebooted";
    } else if (outcome instanceof GuestOutcome.Exited) {
      return "exited";
    } else if (outcome instanceof GuestOutcome.Halted) {
      return "halted";
    }
    return isKilled() ? "killed" : "crashed";
  }

  /** Returns what there is to say of a crash, one line; empty when there was none. */
  String crash() {
    if (outcome instanceof GuestOutcome.Crashed crashed) {
      return crashed.report().summary();
    }
    return outcome instanceof GuestOutcome.EngineFailed failed ? failed.reason() : "";
  }

  /** Returns what the CPU tried before it shut down, one line each. */
  List<String> attempts() {
    return outcome instanceof GuestOutcome.Crashed crashed
        ? crashed.report().attempts()
        : List.of();
  }
}
