package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ConditionalBreakpoints;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryRange;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.debug.PhysicalAccess;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.ReverseExecution;
import dev.kmemu.emulator.debug.StopListener;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoints;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine as its debugger sees it. */
final class MachineDebugTarget implements DebugTarget {

  private static final int MOST_WALKS = 4096;

  private final Machine machine;
  private final VcpuThread vcpu;
  private final DebugRegisters registers;
  private final DebugMemory memory;
  private final MemoryRanges ranges;
  private final DebugStops stops;
  private volatile @Nullable History history;
  private volatile @Nullable StopListener listener;
  private volatile @Nullable Monitor monitor;

  MachineDebugTarget(Machine machine, VcpuThread vcpu) {
    this.machine = machine;
    this.vcpu = vcpu;
    this.registers =
        new DebugRegisters(vcpu, new RegisterWriter(machine.ram(), machine.processor()));
    this.memory = new DebugMemory(machine.ram(), vcpu, this::changed);
    this.ranges = new MemoryRanges(machine.ram(), MOST_WALKS);
    this.stops = new DebugStops(vcpu, machine.ram());
  }

  void setMonitor(@Nullable Monitor monitor) {
    this.monitor = monitor;
  }

  /** Lets a debugger go back through {@code remembered} from the next one that attaches on. */
  void setHistory(@Nullable History remembered) {
    history = remembered;
  }

  /**
   * Returns who hears of a stop that is just happening: the debugger of this moment, because one
   * that attaches a moment later learns of the same stop from {@link #attach}. On the CPU's thread.
   */
  Consumer<StopReason> observer() {
    registers.forget();
    StopListener attached = listener;
    return reason -> {
      if (attached != null && attached == listener) {
        attached.stopped(reason);
      }
    };
  }

  /** Forgets registers that may have changed under a paused CPU. On the CPU's thread. */
  void forgetRegisters() {
    registers.forget();
  }

  /** Returns what a debugger calls a hit. On the CPU's thread. */
  StopReason reason(CpuExit.WatchHit hit) {
    return stops.reason(hit);
  }

  @Override
  public synchronized StopReason attach(StopListener newListener) {
    if (listener != null) {
      throw new IllegalStateException("a debugger is attached already");
    }
    StopReason reason = vcpu.pause();
    History remembered = history;
    if (remembered != null && vcpu.isOpen()) {
      onCpu(remembered::begin);
    }
    listener = newListener;
    vcpu.alertness().setWanted(true);
    return reason;
  }

  @Override
  public synchronized void detach() {
    end(true);
  }

  @Override
  public synchronized void disconnect() {
    end(vcpu.stopReason() == null);
  }

  private void end(boolean runsOn) {
    if (listener == null) {
      return;
    }
    listener = null;
    vcpu.alertness().setWanted(false);
    StopReason reason = vcpu.pause();
    if (!vcpu.isOpen()) {
      return;
    }
    stops.clear();
    History remembered = history;
    if (remembered != null) {
      onCpu(remembered::end);
    }
    if (runsOn
        && (reason instanceof StopReason.Interrupted
            || reason instanceof StopReason.Stepped
            || reason instanceof StopReason.Watched
            || reason instanceof StopReason.Breakpoint)) {
      resume(ResumeKind.CONTINUE);
    }
  }

  /** Tells the debugger, if any, that the guest has exited, and does without it. */
  synchronized void dismiss(int status) {
    StopListener attached = listener;
    if (attached != null) {
      end(false);
      attached.stopped(new StopReason.Exited(status));
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
    registers.forget();
    if (memory.isOverwritten()) {
      vcpu.callHere(memory::dropOverwrittenCode);
    }
    History remembered = history;
    if (remembered != null && remembered.isActive()) {
      vcpu.resume(remembered.forward(kind));
    } else {
      vcpu.resume(kind);
    }
  }

  private void onCpu(Runnable task) {
    vcpu.call(
        cpu -> {
          task.run();
          return cpu;
        });
  }

  /** Says that a paused machine isn't what it has become by itself any more. */
  void changed() {
    History remembered = history;
    if (remembered != null) {
      remembered.change();
    }
  }

  @Override
  public void interrupt() {
    vcpu.interrupt();
  }

  @Override
  public boolean has(Register register) {
    return registers.has(register);
  }

  @Override
  public void readRegister(Register register, byte[] target, int offset) {
    registers.read(register, target, offset);
  }

  @Override
  public void readRegisters(Register[] wanted, byte[] target) {
    registers.read(wanted, target);
  }

  @Override
  public synchronized void writeRegister(Register register, byte[] source, int offset) {
    vcpu.requirePaused();
    vcpu.callHere(
        cpu -> {
          // The register may decide what the overwritten addresses mean.
          memory.dropOverwrittenCode(cpu);
          changed();
          registers.write(cpu, register, source, offset);
          return cpu;
        });
  }

  @Override
  public MemoryTransfer readMemory(VirtualAddress address, byte[] target, int offset, int length) {
    return memory.read(registers.pagingMode(), address, target, offset, length);
  }

  @Override
  public MemoryTransfer writeMemory(VirtualAddress address, byte[] source, int offset, int length) {
    PagingMode mode = registers.pagingMode();
    changed();
    return memory.write(mode, address, source, offset, length);
  }

  @Override
  public void insertBreakpoint(VirtualAddress address) {
    stops.insert(address);
  }

  @Override
  public void removeBreakpoint(VirtualAddress address) {
    stops.remove(address);
  }

  @Override
  public Optional<Monitor> monitor() {
    return Optional.ofNullable(monitor);
  }

  @Override
  public Optional<Watchpoints> watchpoints() {
    return stops.capacity() == 0 ? Optional.empty() : Optional.of(stops);
  }

  @Override
  public Optional<ConditionalBreakpoints> conditionalBreakpoints() {
    return Optional.of(stops);
  }

  @Override
  public Optional<PhysicalAccess> physicalMemory() {
    return Optional.of(memory);
  }

  @Override
  public Optional<ReverseExecution> reverseExecution() {
    return Optional.ofNullable(history);
  }

  @Override
  public Optional<MemoryRange> rangeAt(VirtualAddress address) {
    return Optional.of(ranges.at(registers.pagingMode(), address));
  }

  @Override
  public long ramBytes() {
    return machine.ram().size();
  }
}
