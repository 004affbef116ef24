package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.emulator.trap.TrapRouter;

/** Page faults that a paused CPU raises because someone outside wants them. */
final class PageFaultInjection {

  /** P, W/R, U/S, RSVD and I/D. */
  private static final int KNOWN_BITS =
      TrapFrame.PF_PRESENT
          | TrapFrame.PF_WRITE
          | TrapFrame.PF_USER
          | TrapFrame.PF_RESERVED
          | TrapFrame.PF_FETCH;

  private PageFaultInjection() {}

  /** Raises one at RIP, on the CPU's thread. */
  static PageFaultResult raise(
      CpuEngine cpu, TrapRouter traps, VirtualAddress address, int errorCode) {
    if ((errorCode & ~KNOWN_BITS) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "page-fault error code 0x%x: bits 0x%x don't exist; there are 0x%x",
              errorCode, errorCode & ~KNOWN_BITS, KNOWN_BITS));
    }
    if (!address.isCanonical()) {
      throw new IllegalArgumentException(
          String.format(
              "page fault at %s: a CPU raises #GP for an address whose bits 63 to 47 differ",
              address));
    }
    long faultAddress = cpu.state().cr2();
    cpu.state().setCr2(address.value());
    TrapAction action = cpu.raise(TrapFrame.PAGE_FAULT, errorCode);
    VirtualAddress rip = new VirtualAddress(cpu.state().linearRip());
    if (action == TrapAction.RESUME) {
      return new PageFaultResult.Served(rip);
    }
    if (action == TrapAction.DELIVERED) {
      return new PageFaultResult.Delivered(rip);
    }
    CrashReport report = traps.takeCrash();
    cpu.state().setCr2(faultAddress);
    if (report == null) {
      throw new IllegalStateException("a page fault that ends the guest left no report");
    }
    return new PageFaultResult.Unanswered(report);
  }
}
