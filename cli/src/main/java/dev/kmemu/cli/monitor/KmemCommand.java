package dev.kmemu.cli.monitor;

import dev.kmemu.cli.report.RunReport;
import dev.kmemu.cli.report.TextReport;
import dev.kmemu.testkit.KernelMachine;
import java.util.List;

/** {@code kmem}: how much there is. */
final class KmemCommand implements MonitorCommand {

  private final KernelMachine kernel;

  KmemCommand(KernelMachine kernel) {
    this.kernel = kernel;
  }

  @Override
  public String name() {
    return "kmem";
  }

  @Override
  public String usage() {
    return "kmem";
  }

  @Override
  public String summary() {
    return "kvm_size, kvm_free and the counters";
  }

  @Override
  public String execute(List<String> words) {
    Words.none(words, this);
    return TextReport.counters(RunReport.ofVm(kernel));
  }
}
