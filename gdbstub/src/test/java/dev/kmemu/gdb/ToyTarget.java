package dev.kmemu.gdb;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
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
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoints;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine small enough to predict: 4 KiB of RAM full of one-byte NOPs, a CPU whose every
 * instruction is a {@link ToyCore}'s. It runs only where a test lets it: {@link #step} is one
 * instruction of a CPU that was resumed. The optional capabilities are there when asked for.
 */
public final class ToyTarget implements DebugTarget {

  /** Where the RAM is. */
  public static final VirtualAddress RAM = new VirtualAddress(0xffff_ffff_8000_0000L);

  /** How much RAM there is. */
  public static final int RAM_BYTES = 0x1000;

  private final ToyRam ram = new ToyRam(this);
  private final ToyRegisters registers = new ToyRegisters();
  private final ToyBreakpoints breakpoints = new ToyBreakpoints(this);
  private final ToyWatchpoints watchpoints = new ToyWatchpoints(this);
  private final ToyCore core = new ToyCore(registers, ram, watchpoints);
  private final List<String> calls = new ArrayList<>();

  private @Nullable StopListener listener;
  private @Nullable StopReason stop = new StopReason.Halted();
  private @Nullable ResumeKind resumed;
  private @Nullable Monitor monitor;
  private boolean avx = true;
  private boolean capable;
  private boolean wasResumed;
  private boolean backwards;

  /** Creates a machine with RIP at the start of RAM. */
  public ToyTarget() {
    set(Register.RIP, RAM.value());
    set(Register.RSP, RAM.value() + RAM_BYTES);
  }

  /** Takes AVX away. */
  public ToyTarget withoutAvx() {
    avx = false;
    return this;
  }

  /** Adds monitor commands. */
  public ToyTarget withMonitor(Monitor commands) {
    monitor = commands;
    return this;
  }

  /** Adds every optional capability. */
  public ToyTarget withEverything() {
    capable = true;
    return this;
  }

  /** Sets a register of up to 64 bits. */
  public synchronized void set(Register register, long value) {
    registers.set(register, value);
  }

  /** Returns a register of up to 64 bits. */
  public synchronized long get(Register register) {
    return registers.get(register);
  }

  /** Writes an instruction or data. */
  public synchronized void poke(VirtualAddress address, int value) {
    ram.put(address.minus(RAM), value);
  }

  /** Returns what was asked of the machine, beyond registers and memory. */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** Returns where breakpoints are. */
  public synchronized Set<VirtualAddress> breakpoints() {
    return breakpoints.addresses();
  }

  /** Returns the watchpoints. */
  public synchronized Set<Watchpoint> planted() {
    return watchpoints.planted();
  }

  /** Whether the CPU was resumed and hasn't stopped since. */
  public synchronized boolean isRunning() {
    return stop == null;
  }

  /** Executes one instruction of a running CPU, or stops it before that for a breakpoint. */
  public synchronized void step() {
    if (backwards) {
      stepBack();
      return;
    }
    VirtualAddress rip = new VirtualAddress(get(Register.RIP));
    if (!wasResumed && breakpoints.stopsAt(rip, core)) {
      stop(new StopReason.Breakpoint(rip));
      return;
    }
    wasResumed = false;
    Optional<StopReason> watched = core.execute();
    if (watched.isPresent()) {
      stop(watched.get());
    } else if (resumed == ResumeKind.STEP) {
      stop(new StopReason.Stepped());
    }
  }

  private void stepBack() {
    if (!core.undo()) {
      stop(new StopReason.HistoryEnded());
    } else if (resumed == ResumeKind.STEP) {
      stop(new StopReason.Stepped());
    } else if (breakpoints.stopsAt(new VirtualAddress(get(Register.RIP)), core)) {
      stop(new StopReason.Breakpoint(new VirtualAddress(get(Register.RIP))));
    }
  }

  /** Stops the CPU and reports it, as the CPU's thread would. */
  public synchronized void stop(StopReason reason) {
    stop = reason;
    tell(reason);
  }

  /** Reports a stop whatever the CPU does. */
  public synchronized void tell(StopReason reason) {
    if (listener != null) {
      listener.stopped(reason);
    }
  }

  @Override
  public synchronized StopReason attach(StopListener stopListener) {
    if (listener != null) {
      throw new IllegalStateException("a debugger is attached already");
    }
    calls.add("attach");
    listener = stopListener;
    if (stop == null) {
      stop = new StopReason.Interrupted();
    }
    return stop;
  }

  @Override
  public synchronized void disconnect() {
    calls.add("disconnect");
    letGo();
  }

  private void letGo() {
    listener = null;
    breakpoints.clear();
    watchpoints.clear();
  }

  @Override
  public synchronized void detach() {
    calls.add("detach");
    letGo();
    if (!(stop instanceof StopReason.Exited)) {
      resume(ResumeKind.CONTINUE);
    }
  }

  @Override
  public synchronized void kill() {
    calls.add("kill");
    stop = new StopReason.Exited(0);
  }

  @Override
  public synchronized @Nullable StopReason stopReason() {
    return stop;
  }

  @Override
  public synchronized void resume(ResumeKind kind) {
    calls.add(kind.name());
    run(kind, false);
  }

  private synchronized void resumeBackwards(ResumeKind kind) {
    calls.add("BACKWARDS " + kind.name());
    run(kind, true);
  }

  private void run(ResumeKind kind, boolean back) {
    resumed = kind;
    backwards = back;
    wasResumed = true;
    stop = null;
    notifyAll();
  }

  @Override
  public synchronized void interrupt() {
    calls.add("interrupt");
    if (stop == null) {
      stop(new StopReason.Interrupted());
    }
  }

  @Override
  public boolean has(Register register) {
    return avx || register.group() != RegisterGroup.VECTOR || register.bits() < 256;
  }

  @Override
  public synchronized void readRegister(Register register, byte[] target, int offset) {
    checkPaused();
    System.arraycopy(registers.bytes(register), 0, target, offset, register.bytes());
  }

  @Override
  public synchronized void writeRegister(Register register, byte[] source, int offset) {
    checkPaused();
    System.arraycopy(source, offset, registers.bytes(register), 0, register.bytes());
  }

  @Override
  public synchronized MemoryTransfer readMemory(
      VirtualAddress address, byte[] target, int offset, int length) {
    checkPaused();
    return ram.read(address.minus(RAM), target, offset, length);
  }

  @Override
  public synchronized MemoryTransfer writeMemory(
      VirtualAddress address, byte[] source, int offset, int length) {
    checkPaused();
    return ram.write(address.minus(RAM), source, offset, length);
  }

  @Override
  public void insertBreakpoint(VirtualAddress address) {
    breakpoints.insert(address);
  }

  @Override
  public void removeBreakpoint(VirtualAddress address) {
    breakpoints.remove(address);
  }

  @Override
  public Optional<Monitor> monitor() {
    return Optional.ofNullable(monitor);
  }

  @Override
  public Optional<Watchpoints> watchpoints() {
    return whenCapable(watchpoints);
  }

  @Override
  public Optional<ConditionalBreakpoints> conditionalBreakpoints() {
    return whenCapable(breakpoints);
  }

  @Override
  public Optional<PhysicalAccess> physicalMemory() {
    return whenCapable(ram);
  }

  @Override
  public Optional<ReverseExecution> reverseExecution() {
    return whenCapable(this::resumeBackwards);
  }

  @Override
  public Optional<MemoryRange> rangeAt(VirtualAddress address) {
    return whenCapable(ToyCore.rangeAt(address));
  }

  @Override
  public long ramBytes() {
    return capable ? RAM_BYTES : 0;
  }

  private <T> Optional<T> whenCapable(T capability) {
    return capable ? Optional.of(capability) : Optional.empty();
  }

  private void checkPaused() {
    if (stop == null) {
      throw new IllegalStateException("the CPU is running");
    }
  }
}
