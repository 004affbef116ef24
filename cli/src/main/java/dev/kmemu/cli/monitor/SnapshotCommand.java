package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineSnapshot;
import dev.kmemu.emulator.snapshot.SnapshotException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code snapshot}: moments to come back to. */
final class SnapshotCommand implements MonitorCommand {

  private final Machine machine;
  private final Map<String, MachineSnapshot> kept = new TreeMap<>();

  SnapshotCommand(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public String usage() {
    return "snapshot [save|load|drop NAME]";
  }

  @Override
  public String summary() {
    return "keep the whole machine under a name, or go back to it";
  }

  @Override
  public synchronized String execute(List<String> words) {
    if (words.isEmpty()) {
      return kept.isEmpty()
          ? "no snapshots yet ('monitor snapshot save NAME' takes one)\n"
          : String.join("\n", kept.keySet()) + "\n";
    }
    if (words.size() != 2) {
      throw new MonitorException("snapshot takes save, load or drop, and a name");
    }
    String name = words.get(1);
    try {
      return switch (words.get(0)) {
        case "save" -> save(name);
        case "load" -> load(name);
        case "drop" -> drop(name);
        default ->
            throw new MonitorException(
                "snapshot knows save, load and drop, not '" + words.get(0) + "'");
      };
    } catch (SnapshotException | IllegalStateException e) {
      throw new MonitorException("snapshot " + name + ": " + e.getMessage());
    }
  }

  private String save(String name) {
    MachineSnapshot old = kept.put(name, machine.snapshot());
    if (old != null) {
      old.close();
    }
    return "saved " + name + "\n";
  }

  private String load(String name) {
    machine.restore(find(name));
    return "back at " + name + " (gdb's 'maintenance flush register-cache' makes it look again)\n";
  }

  private String drop(String name) {
    find(name).close();
    kept.remove(name);
    return "dropped " + name + "\n";
  }

  private MachineSnapshot find(String name) {
    MachineSnapshot snapshot = kept.get(name);
    if (snapshot == null) {
      throw new MonitorException(
          "there is no snapshot " + name + " ('monitor snapshot' lists those there are)");
    }
    return snapshot;
  }
}
