package dev.kmemu.cli.monitor;

import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.check.Violation;
import java.util.List;

/** {@code check}: the invariants of the kernel VM. */
final class CheckCommand implements MonitorCommand {

  private final KernelMachine kernel;

  CheckCommand(KernelMachine kernel) {
    this.kernel = kernel;
  }

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String usage() {
    return "check";
  }

  @Override
  public String summary() {
    return "compare the VM's view with the page tables";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    List<Violation> violations = kernel.vm().check();
    if (violations.isEmpty()) {
      return "the VM and the page tables agree\n";
    }
    StringBuilder text = new StringBuilder();
    violations.forEach(violation -> text.append(violation).append('\n'));
    return text.toString();
  }
}
