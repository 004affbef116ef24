package dev.kmemu.cli.report;

import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.boot.LoadedPart;
import dev.kmemu.emulator.cpu.ExitLog;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.pc.Standstill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** A boot as people read it. */
public final class BootText {

  private static final int LINES = 16;
  private static final int MOST_PARTS = 24;

  private BootText() {}

  /** Returns what is about to run, and what is where. */
  public static String beginning(BootImage image, RamSize ram, Loaded loaded, boolean keys) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("kmemu: %s: %s%n", image.name(), image.format()));
    List<LoadedPart> parts = loaded.parts();
    for (LoadedPart part : parts.subList(0, Math.min(parts.size(), MOST_PARTS))) {
      text.append(
          String.format(
              "  0x%09x - 0x%09x  %s%n", part.start().value(), part.end().value(), part.what()));
    }
    if (parts.size() > MOST_PARTS) {
      text.append(String.format("  ... and %d more%n", parts.size() - MOST_PARTS));
    }
    text.append(String.format("kmemu: %s RAM%s%n", ram, keys ? ", Ctrl-A x quits" : ""));
    return text.toString();
  }

  /**
   * Returns what is to be said of the end: always of what went wrong, of the rest only to a person.
   */
  public static String end(BootReport report, boolean person) {
    StringBuilder text = new StringBuilder();
    report.standstill().ifPresent(where -> text.append(standstill(report, where)));
    if (!report.crash().isEmpty()) {
      text.append(
          String.format(
              "kmemu: boot: the guest crashed: %s (add --gdb 0 --wait to watch it)%n",
              report.crash()));
      if (person) {
        report.attempts().forEach(line -> text.append("  ").append(line).append('\n'));
      }
    }
    if (person && !report.isKilled()) {
      text.append(
          String.format(
              "kmemu: %s after %.2f s (%d port accesses, %d interrupts%s)%n",
              verb(report),
              report.took().toNanos() / 1e9,
              report.portAccesses(),
              report.interrupts(),
              speed(report.mips())));
    }
    report.profile().ifPresent(profile -> text.append(profile.table()));
    return text.toString();
  }

  /** Returns how far a guest is that still runs; no line feed. */
  public static String progress(Duration took, long interrupts, OptionalLong instructions) {
    return String.format(
        "kmemu: %.1f s, %d interrupts%s",
        took.toMillis() / 1e3, interrupts, speed(BootReport.mips(instructions, took)));
  }

  private static String speed(OptionalDouble mips) {
    return mips.isEmpty() ? "" : String.format(", about %.0f MIPS", mips.getAsDouble());
  }

  private static String verb(BootReport report) {
    if (report.outcome() instanceof GuestOutcome.Exited exited) {
      return "exited with " + exited.value();
    }
    return switch (report.outcomeName()) {
      case "timeout" -> "stopped";
      case "powered-off" -> "powered off";
      default -> report.outcomeName();
    };
  }

  private static String standstill(BootReport report, Standstill where) {
    String doing;
    if (where.halted()) {
      boolean deaf = (where.rflags() & 1 << 9) == 0;
      doing = deaf ? "halted with interrupts disabled" : "halted, waiting for an interrupt";
    } else {
      doing = "running at " + addresses(where.visited());
    }
    return String.format(
        "kmemu: boot: the guest still ran after %.1f s (give it more with --timeout)%n"
            + "%s"
            + "  RIP %s, %s, RFLAGS 0x%x, interrupts %s%n"
            + "  CPU %s%n"
            + "  PICs: requested %s; in service %s; enabled %s%n"
            + "%s"
            + "  last exits: %s%n"
            + "  %d port accesses, %d interrupts%n",
        report.took().toNanos() / 1e9,
        untaken(report.untaken()),
        where.rip(),
        where.mode(),
        where.rflags(),
        (where.rflags() & 1 << 9) == 0 ? "disabled" : "enabled",
        doing,
        lines(where.requested()),
        lines(where.inService()),
        lines(~where.masked()),
        where.apic().isEmpty() ? "" : String.format("  local APIC: %s%n", where.apic()),
        exits(where.exits()),
        report.portAccesses(),
        report.interrupts());
  }

  private static String untaken(List<String> devices) {
    return devices.isEmpty()
        ? ""
        : String.format(
            "  its output wasn't taken, and the rest is lost: %s (let somebody read it, or name a"
                + " file)%n",
            String.join(", ", devices));
  }

  /** Returns the exits, each once with how often it came without another in between. */
  private static String exits(List<ExitLog.Exit> exits) {
    List<String> texts = new ArrayList<>();
    int run = 0;
    for (int i = 0; i < exits.size(); i++) {
      run++;
      boolean last = i + 1 == exits.size() || !exits.get(i + 1).equals(exits.get(i));
      if (last) {
        texts.add(exits.get(i) + (run > 1 ? " (" + run + " times)" : ""));
        run = 0;
      }
    }
    return texts.isEmpty() ? "none" : String.join(", ", texts);
  }

  private static String addresses(List<VirtualAddress> addresses) {
    return addresses.stream().map(VirtualAddress::toString).collect(Collectors.joining(", "));
  }

  private static String lines(int bits) {
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < LINES; line++) {
      if ((bits & 1 << line) != 0) {
        text.append(text.length() == 0 ? "" : ", ").append(line);
      }
    }
    return text.length() == 0 ? "none" : text.toString();
  }
}
