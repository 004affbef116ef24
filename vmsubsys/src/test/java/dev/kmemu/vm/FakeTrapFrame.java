package dev.kmemu.vm;

import dev.kmemu.emulator.cpu.TrapFrame;

/** A page fault that no CPU raised; reused, as a CPU's own frame is. */
public final class FakeTrapFrame implements TrapFrame {

  static final long RIP = 0xFFFF_FFFF_8010_0000L;

  private long va;
  private int errorCode;

  /** Moves the fault. */
  public FakeTrapFrame at(long faultAddress, int code) {
    va = faultAddress;
    errorCode = code;
    return this;
  }

  static FakeTrapFrame write(long va) {
    return new FakeTrapFrame().at(va, PF_WRITE);
  }

  static FakeTrapFrame read(long va) {
    return new FakeTrapFrame().at(va, 0);
  }

  @Override
  public int vector() {
    return PAGE_FAULT;
  }

  @Override
  public boolean isExternal() {
    return false;
  }

  @Override
  public boolean isSoftware() {
    return false;
  }

  @Override
  public int errorCode() {
    return errorCode;
  }

  @Override
  public long faultAddress() {
    return va;
  }

  @Override
  public long rip() {
    return RIP;
  }

  @Override
  public long rflags() {
    return 2;
  }

  @Override
  public int cpl() {
    return (errorCode & PF_USER) != 0 ? 3 : 0;
  }
}
