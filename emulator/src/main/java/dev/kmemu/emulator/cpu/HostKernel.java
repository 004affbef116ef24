package dev.kmemu.emulator.cpu;

/** A kernel outside the guest that owns the guest's page tables and answers its page faults. */
@FunctionalInterface
public interface HostKernel {

  /**
   * Answers one page fault, on the CPU's thread.
   *
   * @param frame the fault; valid only during the call
   */
  TrapVerdict pageFault(TrapFrame frame);
}
