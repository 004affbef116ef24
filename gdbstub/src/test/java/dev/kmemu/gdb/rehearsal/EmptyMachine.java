package dev.kmemu.gdb.rehearsal;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopListener;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A target with every register and all memory, zero both, that stops as soon as it is resumed. */
final class EmptyMachine implements DebugTarget {

  private @Nullable StopListener debugger;
  private Runnable resumption = () -> {};
  private int resumes;
  private boolean killed;

  /** Sets what a resumption does besides. */
  void onResume(Runnable action) {
    resumption = action;
  }

  int resumes() {
    return resumes;
  }

  boolean isKilled() {
    return killed;
  }

  @Override
  public StopReason attach(StopListener listener) {
    debugger = listener;
    return stopReason();
  }

  @Override
  public void detach() {
    debugger = null;
  }

  @Override
  public void disconnect() {
    detach();
  }

  @Override
  public void kill() {
    killed = true;
    detach();
  }

  @Override
  public StopReason stopReason() {
    return new StopReason.Interrupted();
  }

  @Override
  public void resume(ResumeKind kind) {
    resumes++;
    resumption.run();
    if (debugger != null) {
      debugger.stopped(new StopReason.Stepped());
    }
  }

  @Override
  public void interrupt() {
    resume(ResumeKind.CONTINUE);
  }

  @Override
  public boolean has(Register register) {
    return true;
  }

  @Override
  public void readRegister(Register register, byte[] target, int offset) {
    Arrays.fill(target, offset, offset + register.bytes(), (byte) 0);
  }

  @Override
  public void writeRegister(Register register, byte[] source, int offset) {
    // Registers stay zero.
  }

  @Override
  public MemoryTransfer readMemory(VirtualAddress address, byte[] target, int offset, int length) {
    Arrays.fill(target, offset, offset + length, (byte) 0);
    return new MemoryTransfer.Complete(length);
  }

  @Override
  public MemoryTransfer writeMemory(VirtualAddress address, byte[] source, int offset, int length) {
    return new MemoryTransfer.Complete(length);
  }

  @Override
  public void insertBreakpoint(VirtualAddress address) {
    // It stops everywhere.
  }

  @Override
  public void removeBreakpoint(VirtualAddress address) {
    // It stops everywhere.
  }

  @Override
  public Optional<Monitor> monitor() {
    return Optional.empty();
  }

  @Override
  public long ramBytes() {
    return VirtualAddress.PAGE_SIZE;
  }
}
