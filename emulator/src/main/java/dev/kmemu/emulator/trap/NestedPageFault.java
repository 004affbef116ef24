package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.TrapFrame;

/** A page fault that the delivery of another event met, as the host kernel sees it. */
final class NestedPageFault implements TrapFrame {

  private TrapFrame interrupted;
  private long address;
  private int errorCode;

  NestedPageFault(TrapFrame interrupted) {
    this.interrupted = interrupted;
  }

  /** Turns to another fault. */
  NestedPageFault begin(TrapFrame frame, long faultAddress, int code) {
    interrupted = frame;
    address = faultAddress;
    errorCode = code;
    return this;
  }

  @Override
  public int vector() {
    return PAGE_FAULT;
  }

  @Override
  public boolean isSoftware() {
    return false;
  }

  @Override
  public boolean isExternal() {
    return false;
  }

  @Override
  public int errorCode() {
    return errorCode;
  }

  @Override
  public long faultAddress() {
    return address;
  }

  @Override
  public long rip() {
    return interrupted.rip();
  }

  @Override
  public long rflags() {
    return interrupted.rflags();
  }

  /** The access is the CPU's own, a supervisor's. */
  @Override
  public int cpl() {
    return 0;
  }
}
