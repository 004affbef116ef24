package dev.kmemu.cli;

import dev.kmemu.cli.report.RunReport;
import dev.kmemu.cli.report.TextReport;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.WalkReport;
import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.report.WaitReport;
import java.util.List;

/** The first of the commands behind gdb's {@code monitor}. */
final class MonitorCommands implements Monitor {

  private static final String HELP =
      """
      check       compare the VM's view with the page tables
      help        this list
      kmem        kvm_size, kvm_free and the counters
      sysctl [N]  the sysctls at or below the name N, or N=VALUE to set one
      vmmap       the entries of kernel_map
      waits       who sleeps, who holds tokens and map locks, who waits for them
      walk ADDR   every level of the page tables for ADDR, a hex number
      """;

  private final KernelMachine kernel;

  MonitorCommands(KernelMachine kernel) {
    this.kernel = kernel;
  }

  @Override
  public String execute(String line) {
    String[] words = line.strip().split("\\s+", -1);
    return switch (words[0]) {
      case "", "help" -> HELP;
      case "check" -> check();
      case "kmem" -> TextReport.counters(RunReport.ofVm(kernel));
      case "sysctl" ->
          new SysctlCommand(kernel.vm().sysctl()).execute(words.length > 1 ? words[1] : "");
      case "waits" -> WaitReport.of(kernel.vm());
      case "vmmap" -> TextReport.kernelMap(RunReport.ofVm(kernel));
      case "walk" -> words.length == 2 ? walk(words[1]) : "walk takes one address\n";
      default -> "no such command: " + words[0] + " ('monitor help' lists them)\n";
    };
  }

  private String check() {
    List<Violation> violations = kernel.vm().check();
    if (violations.isEmpty()) {
      return "the VM and the page tables agree\n";
    }
    StringBuilder text = new StringBuilder();
    violations.forEach(violation -> text.append(violation).append('\n'));
    return text.toString();
  }

  private String walk(String word) {
    String digits = word.startsWith("0x") ? word.substring(2) : word;
    long value;
    try {
      value = Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException e) {
      return "'" + word + "' isn't an address: up to 16 hex digits\n";
    }
    VirtualAddress address = new VirtualAddress(value);
    String text =
        WalkReport.of(
            kernel.paging(), address, kernel.memory().walker().walk(kernel.paging(), address));
    return text.endsWith("\n") ? text : text + "\n";
  }
}
