package dev.kmemu.vm.fault;

import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KvaLayout;
import org.jspecify.annotations.Nullable;

/**
 * {@code trap_pfault} ({@code sys/platform/pc64/x86_64/trap.c}): what becomes of a page fault of
 * the guest. There are no user address spaces: an address below the kernel can't be served.
 */
public final class PageFaultTrap implements HostKernel {

  private final VmFault faults;
  private final VmMap kernelMap;
  private final FaultHistory history;
  private final PanicState panics;
  private volatile @Nullable VirtualAddress onFault;

  /** Creates the handler. */
  public PageFaultTrap(VmFault faults, VmMap kernelMap, FaultHistory history, PanicState panics) {
    this.faults = faults;
    this.kernelMap = kernelMap;
    this.history = history;
    this.panics = panics;
  }

  /** {@code pcb_onfault}: where the guest goes on after a fault that can't be served, or null. */
  public void setOnFault(@Nullable VirtualAddress rip) {
    onFault = rip;
  }

  /** Returns the last faults. */
  public FaultHistory history() {
    return history;
  }

  @Override
  public TrapVerdict pageFault(TrapFrame frame) {
    return trapPfault(frame);
  }

  /**
   * {@code trap_pfault}.
   *
   * @return Resume when the page is there now; NotHandled for user mode; ResumeAt where {@code
   *     pcb_onfault} is set; else Fatal, or Panic where {@code vm_fault} itself panicked
   */
  public TrapVerdict trapPfault(TrapFrame frame) {
    long va = frame.faultAddress();
    int code = frame.errorCode();
    FaultOutcome outcome;
    try {
      outcome = resolve(va, code);
    } catch (KernelPanic panic) {
      panics.record(panic);
      history.record(va, code, frame.rip(), FaultOutcome.PANIC);
      return new TrapVerdict.Panic(panic.report());
    }
    history.record(va, code, frame.rip(), outcome);
    return outcome == FaultOutcome.RESOLVED ? TrapVerdict.Resume.INSTANCE : fail(frame, outcome);
  }

  private FaultOutcome resolve(long va, int code) {
    if ((code & TrapFrame.PF_RESERVED) != 0) {
      return FaultOutcome.CORRUPT_TABLE;
    }
    if (VmArith.below(va, KvaLayout.KVA_START)) {
      return FaultOutcome.NO_USER_MAP;
    }
    if ((code & TrapFrame.PF_USER) != 0) {
      return FaultOutcome.USER_ACCESS;
    }
    int type = (code & TrapFrame.PF_WRITE) != 0 ? VmProt.WRITE : VmProt.READ;
    KernReturn result = faults.fault(kernelMap, VmArith.truncPage(va), type, FaultFlags.NORMAL);
    return switch (result) {
      case SUCCESS -> FaultOutcome.RESOLVED;
      case INVALID_ADDRESS -> FaultOutcome.INVALID_ADDRESS;
      default -> FaultOutcome.PROTECTION;
    };
  }

  private TrapVerdict fail(TrapFrame frame, FaultOutcome outcome) {
    int code = frame.errorCode();
    if ((code & TrapFrame.PF_USER) != 0) {
      return TrapVerdict.NotHandled.INSTANCE;
    }
    VirtualAddress recovery = onFault;
    if (recovery != null && outcome != FaultOutcome.CORRUPT_TABLE) {
      return new TrapVerdict.ResumeAt(recovery);
    }
    return new TrapVerdict.Fatal("page fault", outcome.text());
  }
}
