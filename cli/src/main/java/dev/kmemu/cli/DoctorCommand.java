package dev.kmemu.cli;

import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The part of {@code doctor} that needs the library; the launcher prints the tools. */
@Command(
    name = "doctor",
    description = "Check JDK, Maven, gdb and libunicorn. Exit 0 when usable, 3 when not.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  private static final String LINE = "%-11s %s%n";

  @Override
  public Integer call() {
    Unicorn unicorn = UnicornAccess.load();
    System.out.printf(LINE, "version", "Unicorn " + unicorn.version());
    System.out.printf(LINE, "probe", "good: page faults arrive as page faults");
    System.out.printf(LINE, "", unicorn.probeSummary());
    return ExitStatus.OK;
  }
}
