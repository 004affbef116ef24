package dev.kmemu.cli.monitor;

import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.report.WaitReport;
import java.util.List;

/** {@code waits}: what threads wait for. */
final class WaitsCommand implements MonitorCommand {

  private final KernelMachine kernel;

  WaitsCommand(KernelMachine kernel) {
    this.kernel = kernel;
  }

  @Override
  public String name() {
    return "waits";
  }

  @Override
  public String usage() {
    return "waits";
  }

  @Override
  public String summary() {
    return "who sleeps, who holds tokens and map locks, who waits for them";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    return WaitReport.of(kernel.vm());
  }
}
