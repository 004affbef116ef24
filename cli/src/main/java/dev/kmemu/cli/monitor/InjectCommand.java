package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.machine.PageFaultResult;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.pc.PcFaultInjection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code inject}: a page fault that the CPU didn't raise, or a device that misbehaves. */
final class InjectCommand implements MonitorCommand {

  private final PausedCpu cpu;
  private final @Nullable PcFaultInjection faults;

  /** {@code faults} is null for a machine whose devices never misbehave. */
  InjectCommand(PausedCpu cpu, @Nullable PcFaultInjection faults) {
    this.cpu = cpu;
    this.faults = faults;
  }

  @Override
  public String name() {
    return "inject";
  }

  @Override
  public String usage() {
    return "inject pf ADDR [FLAGS]" + (faults == null ? "" : " | " + DeviceFaults.USAGE);
  }

  @Override
  public String summary() {
    return "raise a page fault at the current instruction, as if the CPU had"
        + (faults == null ? "" : ", or let a device misbehave");
  }

  @Override
  public String details() {
    return """
        FLAGS are the bits of the error code, together or apart: p present, w write, u user,
        r reserved bit, x fetch. Without any: a supervisor's read of a page that isn't present.
        The host's kernel is asked first, then the guest's own handler.
        """
        + (faults == null
            ? ""
            : """
            FAULT is one of --device-fault without the name, as in inject device irq4
            lose-interrupt,count=1; docs/boot.md has the kinds. Alone, it lists what there is.
            """);
  }

  @Override
  public String execute(List<String> words) {
    if (faults != null && !words.isEmpty() && words.get(0).equals("device")) {
      return DeviceFaults.execute(faults, words.subList(1, words.size()));
    }
    if (words.size() < 2 || !words.get(0).equals("pf")) {
      throw new MonitorException(
          String.format(
              "inject '%s': exceptions are page faults only, at an address: monitor %s",
              String.join(" ", words), usage()));
    }
    VirtualAddress address = new VirtualAddress(Words.address(words.get(1), cpu));
    int errorCode = errorCode(String.join("", words.subList(2, words.size())));
    PageFaultResult result;
    try {
      result = cpu.machine().raisePageFault(address, errorCode);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new MonitorException("inject: " + e.getMessage());
    }
    if (result instanceof PageFaultResult.Served served) {
      return String.format("served by the host's kernel; RIP is %s%n", served.rip());
    } else if (result instanceof PageFaultResult.Delivered delivered) {
      return String.format("delivered to the guest's handler at %s%n", delivered.handler());
    }
    PageFaultResult.Unanswered unanswered = (PageFaultResult.Unanswered) result;
    return "nobody answers it: " + unanswered.report().summary() + "\n";
  }

  private static int errorCode(String flags) {
    int code = 0;
    for (int i = 0; i < flags.length(); i++) {
      char flag = flags.charAt(i);
      code |=
          switch (flag) {
            case 'p' -> TrapFrame.PF_PRESENT;
            case 'w' -> TrapFrame.PF_WRITE;
            case 'u' -> TrapFrame.PF_USER;
            case 'r' -> TrapFrame.PF_RESERVED;
            case 'x' -> TrapFrame.PF_FETCH;
            default ->
                throw new MonitorException(
                    "'" + flag + "' isn't a flag of a page fault: p, w, u, r, x");
          };
    }
    return code;
  }
}
