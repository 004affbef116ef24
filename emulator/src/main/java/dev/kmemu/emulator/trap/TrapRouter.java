package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapHandler;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Asks who may answer an exception, in order: the host kernel for page faults, the guest's own IDT;
 * with neither, the run ends with a {@link CrashReport}. (A debugger's breakpoints and steps never
 * come here: the engine ends the run for them.)
 */
public final class TrapRouter implements TrapHandler {

  private final GuestIdt guestIdt;
  private @Nullable HostKernel hostKernel;
  private @Nullable CrashReport crash;

  /** Routes the exceptions of {@code cpu}, whose page tables and IDT lie in {@code ram}. */
  public TrapRouter(CpuEngine cpu, PhysicalMemory ram) {
    guestIdt = new GuestIdt(ram, cpu.registers());
  }

  /** Sets the kernel that owns the guest's address space; null for a guest with its own kernel. */
  public void setHostKernel(@Nullable HostKernel kernel) {
    hostKernel = kernel;
  }

  /** Returns and forgets the report of the exception that ended the run. */
  public @Nullable CrashReport takeCrash() {
    CrashReport report = crash;
    crash = null;
    return report;
  }

  @Override
  public TrapAction onTrap(InterruptibleFrame frame) {
    String kernelSays = "";
    String kernelReport = "";
    HostKernel kernel = hostKernel;
    if (kernel != null && frame.vector() == TrapFrame.PAGE_FAULT) {
      TrapVerdict verdict = kernel.pageFault(frame);
      if (verdict == TrapVerdict.Resume.INSTANCE) {
        return TrapAction.RESUME;
      }
      if (verdict instanceof TrapVerdict.ResumeAt elsewhere) {
        frame.setRip(elsewhere.rip().value());
        return TrapAction.RESUME;
      }
      if (verdict instanceof TrapVerdict.Panic panic) {
        crash = CrashReport.of(frame, "panic: " + panic.message(), "");
        return TrapAction.END;
      }
      if (verdict instanceof TrapVerdict.Fatal fatal) {
        kernelSays = "panic: " + fatal.message() + ", " + fatal.cause() + "; ";
        kernelReport = fatal.report();
      } else if (verdict instanceof TrapVerdict.Signal signal) {
        kernelSays = signal.signal() + ": " + signal.cause() + "; ";
      }
    }
    Delivery delivery = guestIdt.deliver(frame);
    if (delivery instanceof Delivery.Refused refused) {
      crash = CrashReport.of(frame, kernelSays + refused.reason(), kernelReport);
      return TrapAction.END;
    }
    return TrapAction.DELIVERED;
  }
}
