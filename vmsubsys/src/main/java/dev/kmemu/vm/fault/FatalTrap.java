package dev.kmemu.vm.fault;

import dev.kmemu.emulator.cpu.TrapFrame;

/** {@code trap_fatal}: what the kernel prints before it panics for a page fault. */
final class FatalTrap {

  /** {@code T_PAGEFLT}: the kernel numbers traps otherwise than the CPU. */
  private static final int T_PAGEFLT = 12;

  private FatalTrap() {}

  static String report(TrapFrame frame) {
    int code = frame.errorCode();
    boolean user = (code & TrapFrame.PF_USER) != 0;
    return String.format(
        "Fatal trap %d: page fault while in %s mode%n"
            + "fault virtual address\t= 0x%x%n"
            + "fault code\t\t= %s %s %s, %s%n"
            + "instruction pointer\t= 0x%x",
        T_PAGEFLT,
        user ? "user" : "kernel",
        frame.faultAddress(),
        user ? "user" : "supervisor",
        (code & TrapFrame.PF_WRITE) != 0 ? "write" : "read",
        (code & TrapFrame.PF_FETCH) != 0 ? "instruction" : "data",
        (code & TrapFrame.PF_PRESENT) != 0 ? "protection violation" : "page not present",
        frame.rip());
  }
}
