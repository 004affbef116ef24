package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultHistory;
import java.util.List;

/** The last page faults for people to read. */
public final class FaultHistoryText {

  private static final int MOST = 16;

  private FaultHistoryText() {}

  /** Returns a line for each of the last faults, oldest first; a sentence when there was none. */
  public static String of(KernelVm vm) {
    List<FaultHistory.Fault> faults = vm.trap().history().recent();
    if (faults.isEmpty()) {
      return "   the CPU raised none\n";
    }
    StringBuilder text = new StringBuilder();
    for (FaultHistory.Fault fault :
        faults.subList(Math.max(0, faults.size() - MOST), faults.size())) {
      text.append(
          String.format(
              "   0x%016x %s at RIP 0x%x: %s%n",
              fault.va(),
              CrashReport.describePageFault(fault.errorCode()),
              fault.rip(),
              fault.outcome().text()));
    }
    return text.toString();
  }
}
