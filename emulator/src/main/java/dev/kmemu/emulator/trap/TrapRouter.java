package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapHandler;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks who may answer an exception, in order: the host kernel for page faults, the guest's own IDT;
 * with neither, the run ends with a {@link CrashReport}. (A debugger's breakpoints and steps never
 * come here: the engine ends the run for them.)
 */
public final class TrapRouter implements TrapHandler {

  private final ExceptionDelivery delivery;
  private final PageFaultErrorCode errorCodes;
  private PagingMode mode = PagingMode.of(0, 0, 0, 0, 0);
  private @Nullable NestedPageFault nested;
  private @Nullable HostKernel hostKernel;
  private @Nullable CrashReport crash;

  /** Routes the exceptions of a CPU whose page tables and IDT lie in {@code ram}. */
  public TrapRouter(PhysicalMemory ram) {
    delivery = new ExceptionDelivery(ram, this::resolves);
    errorCodes = new PageFaultErrorCode(ram);
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
    if (frame.vector() == TrapFrame.PAGE_FAULT && !frame.isSoftware()) {
      correct(frame);
    }
    HostKernel kernel = hostKernel;
    if (kernel != null && frame.vector() == TrapFrame.PAGE_FAULT && !frame.isSoftware()) {
      TrapVerdict verdict = kernel.pageFault(frame);
      if (verdict == TrapVerdict.Resume.INSTANCE) {
        return TrapAction.RESUME;
      }
      if (verdict instanceof TrapVerdict.ResumeAt elsewhere) {
        frame.setRip(elsewhere.rip().value());
        return TrapAction.RESUME;
      }
      if (verdict instanceof TrapVerdict.Panic panic) {
        crash = CrashReport.of(frame, "panic: " + panic.message(), "", List.of());
        return TrapAction.END;
      }
      if (verdict instanceof TrapVerdict.Fatal fatal) {
        kernelSays = "panic: " + fatal.message() + ", " + fatal.cause() + "; ";
        kernelReport = fatal.report();
      } else if (verdict instanceof TrapVerdict.Signal signal) {
        kernelSays = signal.signal() + ": " + signal.cause() + "; ";
      }
    }
    Delivery result = delivery.deliver(frame);
    if (result instanceof Delivery.Shutdown shutdown) {
      crash =
          CrashReport.of(frame, kernelSays + shutdown.reason(), kernelReport, shutdown.attempts());
      return TrapAction.END;
    }
    return TrapAction.DELIVERED;
  }

  private void correct(InterruptibleFrame frame) {
    mode = mode.following(frame.cr0(), frame.cr3(), frame.cr4(), frame.efer());
    int told = frame.errorCode();
    int right = errorCodes.of(frame, mode);
    if (right != told) {
      frame.setErrorCode(right);
    }
  }

  /** The stacks and tables of a guest may be pageable to the kernel that owns its memory. */
  private boolean resolves(InterruptibleFrame interrupted, long address, int errorCode) {
    HostKernel kernel = hostKernel;
    if (kernel == null) {
      return false;
    }
    NestedPageFault fault = nested;
    if (fault == null) {
      fault = new NestedPageFault(interrupted);
      nested = fault;
    }
    return kernel.pageFault(fault.begin(interrupted, address, errorCode))
        == TrapVerdict.Resume.INSTANCE;
  }
}
