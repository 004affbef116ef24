package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.debug.Monitor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the command that a line names, and tells what there is. */
public final class MonitorShell implements Monitor {

  private static final String HELP = "help";

  private final List<MonitorCommand> commands;

  MonitorShell(List<MonitorCommand> commands) {
    this.commands = commands.stream().sorted(Comparator.comparing(MonitorCommand::name)).toList();
  }

  @Override
  public String execute(String line) {
    List<String> words = new ArrayList<>(List.of(line.strip().split("\\s+", -1)));
    String first = words.remove(0);
    if (first.isEmpty() || first.equals(HELP)) {
      return help(words);
    }
    // A format follows its command without a space, as in xp/4gx.
    int slash = first.indexOf('/');
    if (slash > 0) {
      words.add(0, first.substring(slash));
      first = first.substring(0, slash);
    }
    Optional<MonitorCommand> command = find(first);
    if (command.isEmpty()) {
      return "no such command: " + first + " ('monitor help' lists them)\n";
    }
    try {
      return command.get().execute(words);
    } catch (MonitorException e) {
      return e.getMessage() + "\n";
    }
  }

  private Optional<MonitorCommand> find(String name) {
    return commands.stream().filter(command -> command.name().equals(name)).findFirst();
  }

  private String help(List<String> words) {
    if (words.isEmpty() || words.get(0).equals(HELP)) {
      StringBuilder text = new StringBuilder();
      int width = commands.stream().mapToInt(c -> c.usage().length()).max().orElse(0);
      for (MonitorCommand command : commands) {
        text.append(String.format("%-" + width + "s  %s%n", command.usage(), command.summary()));
      }
      return text.append(
              String.format(
                  "%-" + width + "s  %s%n", "help [COMMAND]", "this list, or more about one"))
          .toString();
    }
    return find(words.get(0))
        .map(c -> "monitor " + c.usage() + "\n" + c.summary() + "\n" + c.details())
        .orElse("no such command: " + words.get(0) + " ('monitor help' lists them)\n");
  }
}
