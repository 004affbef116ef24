package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.snapshot.SnapshotException;
import java.util.List;

/** {@code reset}: the machine as it was when the guest was loaded. */
final class ResetCommand implements MonitorCommand {

  private final Machine machine;

  ResetCommand(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String name() {
    return "reset";
  }

  @Override
  public String usage() {
    return "reset";
  }

  @Override
  public String summary() {
    return "go back to where the guest was loaded";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    try {
      machine.reset();
    } catch (SnapshotException | IllegalStateException e) {
      throw new MonitorException("reset: " + e.getMessage());
    }
    return "back at the beginning (gdb's 'maintenance flush register-cache' makes it look again)\n";
  }
}
