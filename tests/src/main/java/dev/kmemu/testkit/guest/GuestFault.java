package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.emulator.trap.ExceptionName;

/**
 * An exception that the CPU raised.
 *
 * @param vector its vector, 0 to 31
 * @param errorCode its error code, 0 where it has none; a page fault's bits are those of {@link
 *     TrapFrame}
 * @param address CR2, meaningful for page faults
 * @param rip the instruction
 * @param cpl the privilege level it ran at
 * @param answer what the kernel VM said
 */
public record GuestFault(
    int vector,
    int errorCode,
    VirtualAddress address,
    VirtualAddress rip,
    int cpl,
    VmAnswer answer) {

  /** Whether it is a page fault. */
  public boolean isPageFault() {
    return vector == TrapFrame.PAGE_FAULT;
  }

  /** Whether the VM brought the page in, so that the instruction ran again. */
  public boolean isServed() {
    return answer.kind() == VmAnswer.Kind.SERVED;
  }

  /** Returns one line. */
  @Override
  public String toString() {
    String what =
        isPageFault()
            ? " on " + address + " (" + CrashReport.describePageFault(errorCode) + ")"
            : errorCode == 0 ? "" : String.format(" (error code 0x%x)", errorCode);
    return ExceptionName.of(vector) + what + " at CPL " + cpl + ", " + answer;
  }
}
