package dev.kmemu.emulator.cpu;

/** Answers exceptions and software interrupts, on the CPU's thread, between two instructions. */
@FunctionalInterface
public interface TrapHandler {

  /**
   * Answers one exception.
   *
   * @param frame the exception; the handler may change where and how the guest goes on through it.
   *     The CPU's {@link RegisterFile} can be read meanwhile, but not written.
   */
  TrapAction onTrap(InterruptibleFrame frame);
}
