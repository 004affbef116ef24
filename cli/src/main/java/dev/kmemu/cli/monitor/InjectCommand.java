package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.machine.PageFaultResult;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;

/** {@code inject pf ADDR [FLAGS]}: a page fault that the CPU didn't raise. */
final class InjectCommand implements MonitorCommand {

  private final PausedCpu cpu;

  InjectCommand(PausedCpu cpu) {
    this.cpu = cpu;
  }

  @Override
  public String name() {
    return "inject";
  }

  @Override
  public String usage() {
    return "inject pf ADDR [FLAGS]";
  }

  @Override
  public String summary() {
    return "raise a page fault at the current instruction, as if the CPU had";
  }

  @Override
  public String details() {
    return """
        FLAGS are the bits of the error code, together or apart: p present, w write, u user,
        r reserved bit, x fetch. Without any: a supervisor's read of a page that isn't present.
        The host's kernel is asked first, then the guest's own handler.
        """;
  }

  @Override
  public String execute(List<String> words) {
    if (words.size() < 2 || !words.get(0).equals("pf")) {
      throw new MonitorException("inject knows page faults only: monitor " + usage());
    }
    VirtualAddress address = new VirtualAddress(Words.address(words.get(1), cpu));
    int errorCode = errorCode(String.join("", words.subList(2, words.size())));
    PageFaultResult result;
    try {
      result = cpu.machine().raisePageFault(address, errorCode);
    } catch (IllegalStateException e) {
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
