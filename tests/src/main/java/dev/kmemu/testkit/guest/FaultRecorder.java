package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down the page faults of a run and what the VM says to them. On the CPU's thread. */
final class FaultRecorder implements HostKernel {

  /** A program that faults more often than this is remembered by its first faults. */
  private static final int MOST = 4096;

  /** After so many repetitions of one fault, the VM's service evidently doesn't help. */
  private static final int ENOUGH = 100;

  private final HostKernel vm;
  private final List<GuestFault> faults = new ArrayList<>();
  private Runnable afterFault = () -> {};
  private @Nullable GuestFault last;
  private int repetitions;

  FaultRecorder(HostKernel vm) {
    this.vm = vm;
  }

  /** Sets what is done after each fault, before the guest goes on. */
  void setAfterFault(Runnable action) {
    afterFault = action;
  }

  @Override
  public TrapVerdict pageFault(TrapFrame frame) {
    int vector = frame.vector();
    int code = frame.errorCode();
    VirtualAddress address = new VirtualAddress(frame.faultAddress());
    VirtualAddress rip = new VirtualAddress(frame.rip());
    int cpl = frame.cpl();
    TrapVerdict verdict = vm.pageFault(frame);
    GuestFault fault = new GuestFault(vector, code, address, rip, cpl, VmAnswer.of(verdict));
    repetitions = fault.equals(last) ? repetitions + 1 : 0;
    last = fault;
    if (repetitions == ENOUGH && fault.isServed()) {
      verdict = new TrapVerdict.Panic("the fault comes again and again");
      fault = new GuestFault(vector, code, address, rip, cpl, VmAnswer.REPEATED);
    } else if (repetitions > 0 && fault.isServed()) {
      return verdict;
    }
    if (faults.size() < MOST) {
      faults.add(fault);
    }
    afterFault.run();
    return verdict;
  }

  /** Returns and forgets what was written down, oldest first. */
  List<GuestFault> take() {
    List<GuestFault> taken = List.copyOf(faults);
    faults.clear();
    last = null;
    repetitions = 0;
    return taken;
  }
}
