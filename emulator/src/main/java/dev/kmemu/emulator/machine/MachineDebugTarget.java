package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopListener;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A machine as its debugger sees it. Registers are fetched once for each stop; memory and page
 * tables are read where they lie, without bothering the CPU's thread.
 */
final class MachineDebugTarget implements DebugTarget {

  private final Machine machine;
  private final VcpuThread vcpu;
  private final VirtualMemory memory;
  private final Set<VirtualAddress> breakpoints = new HashSet<>();
  private final List<OverwrittenRange> overwritten = new ArrayList<>();

  private final Set<Register> present;
  private volatile @Nullable StopListener listener;
  private volatile @Nullable Monitor monitor;
  private volatile @Nullable RegisterSnapshot snapshot;

  private record OverwrittenRange(VirtualAddress address, int length) {}

  MachineDebugTarget(Machine machine, VcpuThread vcpu) {
    this.machine = machine;
    this.vcpu = vcpu;
    this.memory = new VirtualMemory(machine.ram());
    this.present = vcpu.call(MachineDebugTarget::presentRegisters);
  }

  void setMonitor(@Nullable Monitor monitor) {
    this.monitor = monitor;
  }

  /**
   * Returns who hears of a stop that is just happening: the debugger of this moment, because one
   * that attaches a moment later learns of the same stop from {@link #attach}. On the CPU's thread.
   */
  Consumer<StopReason> observer() {
    snapshot = null;
    StopListener attached = listener;
    return reason -> {
      if (attached != null && attached == listener) {
        attached.stopped(reason);
      }
    };
  }

  /** Forgets registers that may have changed under a paused CPU. On the CPU's thread. */
  void forgetRegisters() {
    snapshot = null;
  }

  @Override
  public synchronized StopReason attach(StopListener newListener) {
    if (listener != null) {
      throw new IllegalStateException("a debugger is attached already");
    }
    StopReason reason = vcpu.pause();
    listener = newListener;
    return reason;
  }

  @Override
  public synchronized void detach() {
    if (listener == null) {
      return;
    }
    listener = null;
    StopReason reason = vcpu.pause();
    for (VirtualAddress address : breakpoints) {
      vcpu.call(
          cpu -> {
            cpu.removeBreakpoint(address);
            return cpu;
          });
    }
    breakpoints.clear();
    if (reason instanceof StopReason.Interrupted
        || reason instanceof StopReason.Stepped
        || reason instanceof StopReason.Breakpoint) {
      resume(ResumeKind.CONTINUE);
    }
  }

  @Override
  public void kill() {
    listener = null;
    machine.close();
  }

  @Override
  public @Nullable StopReason stopReason() {
    return vcpu.stopReason();
  }

  @Override
  public synchronized void resume(ResumeKind kind) {
    snapshot = null;
    if (!overwritten.isEmpty()) {
      vcpu.call(this::dropOverwrittenCode);
    }
    machine.resumeClock();
    vcpu.resume(kind);
  }

  @Override
  public void interrupt() {
    vcpu.interrupt();
  }

  @Override
  public boolean has(Register register) {
    return present.contains(register);
  }

  @Override
  public void readRegister(Register register, byte[] target, int offset) {
    byte[] bytes = registers().bytes(register);
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  @Override
  public synchronized void writeRegister(Register register, byte[] source, int offset) {
    requirePaused();
    vcpu.call(
        cpu -> {
          // The register may decide what the overwritten addresses mean.
          dropOverwrittenCode(cpu);
          cpu.registers().write(register, source, offset);
          snapshot = null;
          return cpu;
        });
  }

  @Override
  public MemoryTransfer readMemory(VirtualAddress address, byte[] target, int offset, int length) {
    PagingMode mode = registers().pagingMode();
    int done = memory.read(mode, address, target, offset, length);
    return transfer(mode, address, done, length);
  }

  @Override
  public synchronized MemoryTransfer writeMemory(
      VirtualAddress address, byte[] source, int offset, int length) {
    PagingMode mode = registers().pagingMode();
    int done = memory.write(mode, address, source, offset, length);
    if (done > 0) {
      overwritten.add(new OverwrittenRange(address, done));
    }
    return transfer(mode, address, done, length);
  }

  @Override
  public synchronized void insertBreakpoint(VirtualAddress address) {
    requirePaused();
    breakpoints.add(address);
    vcpu.call(
        cpu -> {
          cpu.addBreakpoint(address);
          return cpu;
        });
  }

  @Override
  public synchronized void removeBreakpoint(VirtualAddress address) {
    requirePaused();
    breakpoints.remove(address);
    vcpu.call(
        cpu -> {
          cpu.removeBreakpoint(address);
          return cpu;
        });
  }

  @Override
  public Optional<Monitor> monitor() {
    return Optional.ofNullable(monitor);
  }

  private MemoryTransfer transfer(PagingMode mode, VirtualAddress from, int done, int wanted) {
    return done == wanted
        ? new MemoryTransfer.Complete(done)
        : new MemoryTransfer.Partial(done, memory.explain(mode, from.plus(done)));
  }

  private static Set<Register> presentRegisters(CpuEngine cpu) {
    Set<Register> present = EnumSet.allOf(Register.class);
    present.removeIf(register -> !cpu.registers().has(register));
    return present;
  }

  private CpuEngine dropOverwrittenCode(CpuEngine cpu) {
    for (OverwrittenRange range : overwritten) {
      cpu.invalidateCode(range.address(), range.length());
    }
    overwritten.clear();
    return cpu;
  }

  private RegisterSnapshot registers() {
    requirePaused();
    RegisterSnapshot taken = snapshot;
    return taken != null ? taken : vcpu.call(this::takeSnapshot);
  }

  /** On the CPU's thread, which orders it with stops and with writes. */
  private RegisterSnapshot takeSnapshot(CpuEngine cpu) {
    RegisterSnapshot taken = RegisterSnapshot.of(cpu.registers());
    snapshot = taken;
    return taken;
  }

  private void requirePaused() {
    if (vcpu.stopReason() == null) {
      throw new IllegalStateException("the CPU is running");
    }
  }
}
