package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * One x86_64 CPU. The thread that created it owns it: only that thread may call its methods, except
 * for {@link #requestStop} and the ones of {@link #tlb}. Between two runs another thread may stand
 * in for it, as long as it keeps the owner from calling anything.
 */
public interface CpuEngine extends AutoCloseable {

  /** Returns the engine's name and version, for a person. */
  String description();

  /** Returns the registers. */
  RegisterFile registers();

  /** Returns the state, segments included, to be read and changed between two runs. */
  CpuState state();

  /** Puts the CPU into the state that it has after a reset (Intel SDM vol. 3A, 9.1.1). */
  void reset();

  /** Returns the control over cached translations. */
  TlbControl tlb();

  /** Sets who answers exceptions; without one, every exception ends the run. */
  void setTrapHandler(TrapHandler handler);

  /** Sets who answers {@code in} and {@code out}; without one, reads give all ones. */
  void setPortBus(PortBus ports);

  /** Sets who answers accesses to what isn't RAM; without one, loads give all ones. */
  void setMmioBus(MmioBus mmio);

  /**
   * Sets what the CPU is; without one, the engine's own CPUID, MSRs and TSC show, and SYSCALL and
   * SYSENTER raise #UD.
   */
  void setProcessor(Processor processor);

  /** Sets where interrupts come from; without one, none do. */
  void setInterruptSource(InterruptSource source);

  /**
   * Says that the interrupt source may have something new. The CPU looks at it before the next
   * basic block. From any thread.
   */
  void interruptsChanged();

  /**
   * Counts what is executed from now on, which costs up to half of the speed. Idempotent.
   *
   * @throws RuntimeException when the host doesn't allow it
   */
  CodeMeter meter();

  /**
   * Counts what is executed from now on for a tenth of the meter's cost, and without an alarm: a
   * block that the CPU is called out of before its first instruction counts too. Idempotent.
   *
   * @return empty where the host or the library doesn't allow it
   */
  Optional<CodeTally> tally();

  /**
   * Returns what counts instructions one by one, which it doesn't yet, or empty where the host or
   * the library doesn't allow it. Needs the {@link #meter}.
   */
  Optional<InstructionCounter> instructionCounter();

  /**
   * Runs from RIP until something ends the run.
   *
   * @throws RuntimeException what a handler threw, after the CPU has stopped
   */
  CpuExit run();

  /**
   * As {@link #run}, but ends with {@link CpuExit.Stopped} before an instruction that raises a page
   * fault, which comes again when the CPU goes on: for a thread that mustn't wait for whoever
   * serves page faults.
   */
  CpuExit runUnlessPageFault();

  /**
   * Goes on with a {@link #run} that ended with {@link CpuExit.Stopped} as if it hadn't: a
   * breakpoint at RIP that the run hasn't reported yet is hit, where {@link #run} passes it over.
   *
   * @throws RuntimeException what a handler threw, after the CPU has stopped
   */
  CpuExit continueRun();

  /**
   * Runs one instruction by the trap flag (Intel SDM vol. 3B, 17.3.1.4). A page fault that is
   * resolved on the way counts as part of the instruction; one that is delivered to the guest ends
   * the step at the first instruction of the handler.
   */
  CpuExit step();

  /** Is to {@link #step} what {@link #runUnlessPageFault} is to {@link #run}. */
  CpuExit stepUnlessPageFault();

  /**
   * Raises an exception at RIP between two runs, as if the instruction there had: the trap handler
   * answers it. CR2 is to be set before.
   *
   * @param vector 0 to 31
   * @param errorCode what the handler is told, where the vector has one
   * @throws RuntimeException what the handler threw; the CPU is where it was
   */
  TrapAction raise(int vector, int errorCode);

  /**
   * Makes the current or the next run end with {@link CpuExit.Stopped}, and returns when the CPU
   * isn't executing guest code any more. From any thread.
   */
  void requestStop();

  /** Stops each run before the instruction at {@code address}. Idempotent. */
  void addBreakpoint(VirtualAddress address);

  /** Takes a breakpoint away; no effect when there is none. */
  void removeBreakpoint(VirtualAddress address);

  /**
   * Sets who is asked, on the CPU's thread, whether a run that comes to a breakpoint ends there. It
   * must neither run nor change the CPU. Without one every breakpoint ends the run.
   */
  void setBreakpointFilter(LongPredicate ends);

  /** Returns how many watches there can be at a time, 0 where the engine has none. */
  int watchCapacity();

  /**
   * Sets what is watched: runs and steps end with {@link CpuExit.WatchHit} behind an instruction
   * that uses it. What the CPU does on its own account, such as pushing the frame of an exception,
   * isn't looked at.
   *
   * @throws IllegalArgumentException when there are more than {@link #watchCapacity}
   */
  void setWatches(List<MemoryWatch> watches);

  /**
   * Drops translations of code that the host has overwritten.
   *
   * @param length bytes from {@code address}, in the current address space
   */
  void invalidateCode(VirtualAddress address, long length);

  /** Returns why it left guest code the last times. */
  ExitLog exitLog();

  /** Returns what captures the CPU and puts it back. */
  CpuSnapshots snapshots();

  /** Frees the engine. Idempotent. */
  @Override
  void close();
}
