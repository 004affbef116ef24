package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;

/**
 * An exception that nobody could answer, or that the host kernel died of.
 *
 * @param vector the exception
 * @param errorCode its error code, 0 where it has none
 * @param faultAddress CR2, meaningful for page faults
 * @param rip the instruction
 * @param cpl the privilege level
 * @param reason why it couldn't be answered, one line
 * @param kernelReport what the host kernel printed of it, lines; often empty
 * @param attempts what the CPU tried to deliver until it shut down, in order, one line each; empty
 *     when nothing was tried
 */
public record CrashReport(
    int vector,
    int errorCode,
    VirtualAddress faultAddress,
    VirtualAddress rip,
    int cpl,
    String reason,
    String kernelReport,
    List<String> attempts) {

  static CrashReport of(
      TrapFrame frame, String reason, String kernelReport, List<String> attempts) {
    return new CrashReport(
        frame.vector(),
        frame.errorCode(),
        new VirtualAddress(frame.faultAddress()),
        new VirtualAddress(frame.rip()),
        frame.cpl(),
        reason,
        kernelReport,
        attempts);
  }

  /** Returns one line for a person. */
  public String summary() {
    String where =
        vector == TrapFrame.PAGE_FAULT
            ? String.format(" on %s (%s)", faultAddress, describePageFault(errorCode))
            : errorCode == 0 ? "" : String.format(" (error code 0x%x)", errorCode);
    return String.format("%s%s at RIP %s: %s", ExceptionName.of(vector), where, rip, reason);
  }

  /** Spells out a page-fault error code (Intel SDM vol. 3A, 4.7). */
  public static String describePageFault(int errorCode) {
    String access =
        (errorCode & TrapFrame.PF_FETCH) != 0
            ? "fetch"
            : (errorCode & TrapFrame.PF_WRITE) != 0 ? "write" : "read";
    String mode = (errorCode & TrapFrame.PF_USER) != 0 ? "user" : "supervisor";
    String cause =
        (errorCode & TrapFrame.PF_RESERVED) != 0
            ? "reserved bit"
            : (errorCode & TrapFrame.PF_PRESENT) != 0 ? "protection" : "not present";
    return mode + " " + access + ", " + cause;
  }
}
