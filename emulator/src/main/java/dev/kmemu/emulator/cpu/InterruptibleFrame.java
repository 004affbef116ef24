package dev.kmemu.emulator.cpu;

/** A {@link TrapFrame} whose handler may send the guest elsewhere. */
public interface InterruptibleFrame extends TrapFrame, CpuState {

  /** Sets the error code that the handler is told. */
  void setErrorCode(int errorCode);

  /**
   * Returns RIP of the instruction that caused the exception: {@link #rip} itself, but for INT n,
   * INT3, INTO and INT1, which RIP is behind. What goes wrong with their delivery is a fault of
   * theirs, and leaves RIP at them.
   */
  long instruction();
}
