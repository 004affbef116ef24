package dev.kmemu.cli;

import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The part of {@code doctor} that needs the library; the launcher prints the tools. */
@Command(
    name = "doctor",
    description = "Check JDK, Maven, gdb and libunicorn. Exit 0 when usable, 3 when not.")
final class DoctorCommand implements Callable<Integer> {

  private static final String LINE = "%-11s %s%n";
  private static final int WIDTH = 64;

  @Override
  public Integer call() {
    Unicorn unicorn = UnicornAccess.load();
    System.out.printf(LINE, "version", "Unicorn " + unicorn.version());
    System.out.printf(LINE, "probe", "good: page faults arrive as page faults");
    for (String line : wrapped(unicorn.probeSummary())) {
      System.out.printf(LINE, "", line);
    }
    return ExitStatus.OK;
  }

  private static List<String> wrapped(String list) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String part : list.split(", ", -1)) {
      if (line.length() + part.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : ", ").append(part);
    }
    lines.add(line.toString());
    return lines;
  }
}
