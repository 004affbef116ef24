package dev.kmemu.cli.report;

import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.firmware.SelfTestStatus;
import dev.kmemu.testkit.GuestReports;
import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.report.KernelVmReports;
import dev.kmemu.vm.report.MapEntryReport;
import dev.kmemu.vm.report.WiredPageReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a run.
 *
 * @param outcome how the guest ended, null while it hasn't
 * @param kvmSize bytes of KVA
 * @param kvmFree bytes of KVA above the page tables' high-water mark
 * @param entries the entries of {@code kernel_map}
 * @param wired the wired pages
 * @param faults the last page faults, oldest first
 * @param faultsSeen how many page faults there were in all
 * @param counters by upstream's names
 * @param selfTest whether the guest's exit value is a {@link SelfTestStatus}
 */
public record RunReport(
    @Nullable GuestOutcome outcome,
    long kvmSize,
    long kvmFree,
    List<MapEntryReport> entries,
    List<WiredPageReport> wired,
    List<FaultHistory.Fault> faults,
    long faultsSeen,
    Map<String, Long> counters,
    boolean selfTest) {

  private static RunReport of(KernelMachine kernel, @Nullable GuestOutcome outcome) {
    KernelVm vm = kernel.vm();
    KernelVmReports reports = vm.reports();
    FaultHistory history = vm.trap().history();
    return new RunReport(
        outcome,
        sysctl(vm, "vm.kvm_size"),
        sysctl(vm, "vm.kvm_free"),
        reports.entries(vm.kernelMap()),
        reports.wiredPages(),
        history.recent(),
        history.recorded(),
        reports.counters(),
        GuestReports.isSender(kernel.image()));
  }

  /**
   * Collects the facts of a guest that has just ended; nothing of one that was killed, because its
   * RAM goes with it.
   */
  public static Optional<RunReport> ofEnd(KernelMachine kernel, GuestOutcome outcome) {
    return outcome instanceof GuestOutcome.Killed
        ? Optional.empty()
        : Optional.of(of(kernel, outcome));
  }

  /** Collects the facts of a guest that hasn't ended. */
  public static RunReport ofVm(KernelMachine kernel) {
    return of(kernel, null);
  }

  /** Returns the short name of a fault's outcome, which scripts may rely on. */
  static String outcomeName(FaultHistory.Fault fault) {
    return fault.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Returns how the guest ended, in one line. */
  public String outcomeText() {
    if (outcome instanceof GuestOutcome.Exited exited) {
      return exited.value() == 0
          ? "passed"
          : "failed with "
              + exited.value()
              + (selfTest
                      ? SelfTestStatus.ofCode(exited.value())
                      : Optional.<SelfTestStatus>empty())
                  .map(status -> " (" + status.description() + ")")
                  .orElse("");
    }
    if (outcome instanceof GuestOutcome.Crashed crashed) {
      return "crashed: " + crashed.report().summary();
    }
    if (outcome instanceof GuestOutcome.EngineFailed failed) {
      return "crashed: " + failed.reason();
    }
    if (outcome instanceof GuestOutcome.Killed) {
      return "killed";
    }
    if (outcome instanceof GuestOutcome.PoweredOff) {
      return "powered off";
    }
    if (outcome instanceof GuestOutcome.Rebooted) {
      return "rebooted";
    }
    return outcome instanceof GuestOutcome.Halted ? "halted" : "running";
  }

  private static long sysctl(KernelVm vm, String name) {
    return vm.sysctl().read(name) instanceof SysctlReply.Value value ? value.value() : 0;
  }
}
