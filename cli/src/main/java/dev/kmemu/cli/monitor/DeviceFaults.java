package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.fault.FaultSite;
import dev.kmemu.emulator.pc.PcFaultInjection;
import java.util.List;

/** {@code inject device}: what the devices of a PC do wrong. */
final class DeviceFaults {

  static final String USAGE = "inject device [NAME FAULT|NAME none]";

  private DeviceFaults() {}

  /** Executes the command; {@code words} follow {@code device}. */
  static String execute(PcFaultInjection faults, List<String> words) {
    if (words.isEmpty()) {
      return list(faults);
    }
    if (words.size() != 2) {
      throw new MonitorException("inject: monitor " + USAGE);
    }
    String device = words.get(0);
    if (words.get(1).equals("none")) {
      return faults.clear(device) ? device + " is well again\n" : device + " has no faults\n";
    }
    try {
      DeviceFault fault = DeviceFault.parse(device + ":" + words.get(1));
      faults.add(fault);
      return "from now on " + fault.text() + "\n";
    } catch (IllegalArgumentException e) {
      throw new MonitorException("inject: " + e.getMessage());
    }
  }

  private static String list(PcFaultInjection faults) {
    StringBuilder text = new StringBuilder();
    for (FaultSite.Progress progress : faults.list()) {
      text.append(
          String.format("%s, occasions: %d%n", progress.fault().text(), progress.occasions()));
    }
    return text.isEmpty() ? "no device has faults\n" : text.toString();
  }
}
