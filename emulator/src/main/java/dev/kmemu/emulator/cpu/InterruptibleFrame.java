package dev.kmemu.emulator.cpu;

/** A {@link TrapFrame} whose handler may send the guest elsewhere. */
public interface InterruptibleFrame extends TrapFrame {

  /** Returns RSP. */
  long rsp();

  /** Returns the selector of CS. */
  int cs();

  /** Returns the selector of SS. */
  int ss();

  /** Sets where the guest goes on. */
  void setRip(long rip);

  /** Sets RSP. */
  void setRsp(long rsp);

  /** Sets the flags of RFLAGS that no arithmetic sets: TF, IF, IOPL, NT, RF, VM, AC. */
  void setRflags(long rflags);
}
