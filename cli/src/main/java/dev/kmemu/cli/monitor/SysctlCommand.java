package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.SysctlLeaf;
import dev.kmemu.vm.kern.SysctlReply;
import java.util.List;

/** {@code monitor sysctl}: lists the tree below a name, or sets a variable. */
final class SysctlCommand implements MonitorCommand {

  private final Sysctl sysctl;
  private final Machine machine;

  SysctlCommand(Sysctl sysctl, Machine machine) {
    this.sysctl = sysctl;
    this.machine = machine;
  }

  @Override
  public String name() {
    return "sysctl";
  }

  @Override
  public String usage() {
    return "sysctl [N[=VALUE]]";
  }

  @Override
  public String summary() {
    return "the sysctls at or below the name N, or N=VALUE to set one";
  }

  @Override
  public String execute(List<String> words) {
    String argument = String.join("", words);
    int equals = argument.indexOf('=');
    return equals < 0
        ? list(argument)
        : set(argument.substring(0, equals).strip(), argument.substring(equals + 1).strip());
  }

  private String list(String prefix) {
    List<SysctlLeaf> leaves = sysctl.list(prefix);
    if (leaves.isEmpty()) {
      return text(sysctl.read(prefix));
    }
    StringBuilder text = new StringBuilder();
    for (SysctlLeaf leaf : leaves) {
      text.append(leaf.name()).append(": ");
      text.append(Long.toUnsignedString(leaf.value().getAsLong())).append('\n');
    }
    return text.toString();
  }

  private String set(String name, String value) {
    try {
      SysctlReply reply = sysctl.write(name, Long.parseUnsignedLong(value));
      machine.changedFromOutside();
      return reply instanceof SysctlReply.Value old
          ? name + ": " + Long.toUnsignedString(old.value()) + " -> " + value + "\n"
          : text(reply);
    } catch (NumberFormatException e) {
      return name + " takes a decimal number, got '" + value + "'\n";
    }
  }

  private static String text(SysctlReply reply) {
    if (reply instanceof SysctlReply.NoSuchName missing) {
      return "no sysctl "
          + missing.name()
          + (missing.nearest().isEmpty()
              ? " ('monitor sysctl' lists them)\n"
              : " ('monitor sysctl " + missing.nearest() + "' lists the nearest)\n");
    }
    if (reply instanceof SysctlReply.NotPermitted readOnly) {
      return readOnly.name() + " is read-only\n";
    }
    if (reply instanceof SysctlReply.Invalid invalid) {
      return invalid.name() + ": " + invalid.reason() + "\n";
    }
    return reply instanceof SysctlReply.IsNode node
        ? node.name() + " has no value of its own\n"
        : reply + "\n";
  }
}
