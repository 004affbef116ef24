package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.machine.Machine;
import java.util.List;

/** {@code quit}: ends the machine, as gdb's {@code kill} does. */
final class QuitCommand implements MonitorCommand {

  private final Machine machine;

  QuitCommand(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String name() {
    return "quit";
  }

  @Override
  public String usage() {
    return "quit";
  }

  @Override
  public String summary() {
    return "end the machine";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    machine.debugTarget().kill();
    return "the machine has ended\n";
  }
}
