package dev.kmemu.emulator.cpu;

/** A {@link TrapFrame} whose handler may send the guest elsewhere. */
public interface InterruptibleFrame extends TrapFrame, CpuState {

  /** Sets the error code that the handler is told. */
  void setErrorCode(int errorCode);
}
