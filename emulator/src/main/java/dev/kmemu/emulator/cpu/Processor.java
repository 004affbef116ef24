package dev.kmemu.emulator.cpu;

import java.util.List;

/**
 * What kind of processor an engine is: the instructions whose result depends on the model. Called
 * on the CPU's thread at the instruction, whose privilege the engine has checked. Registers are
 * changed through the state; RIP is the next instruction's, and stays as it is unless the
 * instruction sets it.
 */
public interface Processor {

  /**
   * Returns where CPUID would tell of features that an engine may have and this processor lacks:
   * their instructions are to be invalid, where the engine can make them so.
   */
  List<CpuidBit> lacking();

  /** Executes CPUID. */
  Completion cpuid(CpuState cpu);

  /**
   * Executes RDTSC or RDTSCP.
   *
   * @param withAux whether it is RDTSCP, which also loads IA32_TSC_AUX
   */
  Completion readTimeStamp(CpuState cpu, boolean withAux);

  /** Executes RDMSR. */
  Completion readMsr(CpuState cpu);

  /** Executes WRMSR. */
  Completion writeMsr(CpuState cpu);

  /**
   * Checks a value that is about to be moved to a control register.
   *
   * @param register 0, 4 or 8
   * @return {@link Completion#DONE} when the register may take it; the engine then stores it
   */
  Completion writeControl(CpuState cpu, int register, long value);

  /** Executes SYSCALL. */
  Completion syscall(CpuState cpu);

  /** Executes SYSENTER. */
  Completion sysenter(CpuState cpu);
}
