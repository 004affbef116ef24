package dev.kmemu.vm.fault;

import dev.kmemu.emulator.cpu.GuestSignal;
import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KvaLayout;
import org.jspecify.annotations.Nullable;

/**
 * {@code trap_pfault} ({@code sys/platform/pc64/x86_64/trap.c}): what becomes of a page fault of
 * the guest. Addresses from KvaStart on are looked up in {@code kernel_map}, all others, the direct
 * map and the recursive slot among them, in the current user map.
 */
public final class PageFaultTrap implements HostKernel {

  private final VmFault faults;
  private final VmMap kernelMap;
  private final FaultHistory history;
  private final PanicState panics;
  private volatile @Nullable VmMap userMap;
  private volatile @Nullable VirtualAddress onFault;
  private volatile int interruptNesting;

  /** Creates the handler of a CPU without a user address space. */
  public PageFaultTrap(VmFault faults, VmMap kernelMap, FaultHistory history, PanicState panics) {
    this.faults = faults;
    this.kernelMap = kernelMap;
    this.history = history;
    this.panics = panics;
  }

  /** Sets the map of the current lwp's vmspace; null for a kernel thread. */
  public void setUserMap(@Nullable VmMap map) {
    userMap = map;
  }

  /**
   * {@code pcb_onfault}: where the kernel goes on after a fault that can't be served, or null. It
   * counts only while no interrupt is served.
   */
  public void setOnFault(@Nullable VirtualAddress rip) {
    onFault = rip;
  }

  /** {@code gd_intr_nesting_level}: how many interrupt handlers the CPU is in. */
  public void setInterruptNesting(int level) {
    interruptNesting = level;
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
   * @return Resume when the page is there now. Otherwise, for user mode, Signal: SIGBUS when the
   *     entry forbids the access, else SIGSEGV. For kernel mode ResumeAt where {@code pcb_onfault}
   *     counts, else Fatal; or Panic where {@code vm_fault} itself panicked
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
    VmMap map = kernelMap;
    int flags = FaultFlags.NORMAL;
    if (VmArith.below(va, KvaLayout.KVA_START)) {
      VmMap user = userMap;
      if (user == null) {
        return FaultOutcome.NO_USER_MAP;
      }
      map = user;
      flags = userFlags(code);
    } else if ((code & TrapFrame.PF_USER) != 0) {
      return FaultOutcome.USER_ACCESS;
    }
    // A fetch is a read: nothing is mapped without execution in this era.
    int type = (code & TrapFrame.PF_WRITE) != 0 ? VmProt.WRITE : VmProt.READ;
    KernReturn result = faults.fault(map, VmArith.truncPage(va), type, flags);
    return switch (result) {
      case SUCCESS -> FaultOutcome.RESOLVED;
      case INVALID_ADDRESS -> FaultOutcome.INVALID_ADDRESS;
      case PROTECTION_FAILURE -> FaultOutcome.PROTECTION;
      default -> FaultOutcome.FAILURE;
    };
  }

  /** Returns how a fault in a user map is served: by more pages for a program, dirty if written. */
  static int userFlags(int code) {
    int burst = (code & TrapFrame.PF_USER) != 0 ? FaultFlags.BURST : 0;
    return burst | ((code & TrapFrame.PF_WRITE) != 0 ? FaultFlags.DIRTY : FaultFlags.NORMAL);
  }

  private TrapVerdict fail(TrapFrame frame, FaultOutcome outcome) {
    if (outcome != FaultOutcome.CORRUPT_TABLE) {
      if ((frame.errorCode() & TrapFrame.PF_USER) != 0) {
        return new TrapVerdict.Signal(
            outcome == FaultOutcome.PROTECTION ? GuestSignal.SIGBUS : GuestSignal.SIGSEGV,
            outcome.text());
      }
      VirtualAddress recovery = onFault;
      if (recovery != null && interruptNesting == 0) {
        return new TrapVerdict.ResumeAt(recovery);
      }
    }
    return new TrapVerdict.Fatal("page fault", outcome.text(), FatalTrap.report(frame));
  }

  /** Returns the map of the current lwp's vmspace; null for a kernel thread. */
  public @Nullable VmMap userMap() {
    return userMap;
  }

  /** Exchanges the state between two faults with a snapshot. */
  public void exchange(StateExchange state, Numbering<VmMap> maps) {
    userMap = state.exchange(userMap, maps);
    VirtualAddress handler = onFault;
    boolean hasHandler = state.exchange(handler != null);
    long rip = state.exchange(handler == null ? 0 : handler.value());
    onFault = hasHandler ? new VirtualAddress(rip) : null;
    interruptNesting = state.exchange(interruptNesting);
    history.exchange(state);
  }
}
