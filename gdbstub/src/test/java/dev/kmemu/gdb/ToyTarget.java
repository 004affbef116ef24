package dev.kmemu.gdb;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopListener;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine small enough to predict: 4 KiB of RAM full of one-byte NOPs, a CPU whose every
 * instruction adds 1 to RIP and RAX and that wraps to the start at the end of RAM. It runs only
 * where a test lets it: {@link #step} is one instruction of a CPU that was resumed.
 */
public class ToyTarget implements DebugTarget {

  /** Where the RAM is. */
  public static final VirtualAddress RAM = new VirtualAddress(0xffff_ffff_8000_0000L);

  /** How much RAM there is. */
  public static final int RAM_BYTES = 0x1000;

  private static final byte NOP = (byte) 0x90;

  private final byte[] ram = new byte[RAM_BYTES];
  private final Map<Register, byte[]> registers = new EnumMap<>(Register.class);
  private final Set<VirtualAddress> breakpoints = new HashSet<>();
  private final List<String> calls = new ArrayList<>();

  private @Nullable StopListener listener;
  private @Nullable StopReason stop = new StopReason.Halted();
  private @Nullable ResumeKind resumed;
  private @Nullable Monitor monitor;
  private boolean avx = true;
  private boolean wasResumed;

  /** Creates a machine with RIP at the start of RAM. */
  public ToyTarget() {
    Arrays.fill(ram, NOP);
    for (Register register : Register.values()) {
      registers.put(register, new byte[register.bytes()]);
    }
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

  /** Sets a register of up to 64 bits. */
  public final synchronized void set(Register register, long value) {
    byte[] bytes = bytes(register);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (value >> (Byte.SIZE * i));
    }
  }

  /** Returns a register of up to 64 bits. */
  public final synchronized long get(Register register) {
    byte[] bytes = bytes(register);
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = (value << Byte.SIZE) | (bytes[i] & 0xff);
    }
    return value;
  }

  /** Returns what was asked of the machine, beyond registers and memory. */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** Returns where breakpoints are. */
  public synchronized Set<VirtualAddress> breakpoints() {
    return Set.copyOf(breakpoints);
  }

  /** Whether the CPU was resumed and hasn't stopped since. */
  public synchronized boolean isRunning() {
    return stop == null;
  }

  /** Executes one instruction of a running CPU, or stops it before that for a breakpoint. */
  public synchronized void step() {
    VirtualAddress rip = new VirtualAddress(get(Register.RIP));
    if (breakpoints.contains(rip) && !wasResumed) {
      stop(new StopReason.Breakpoint(rip));
      return;
    }
    wasResumed = false;
    long next = rip.minus(RAM) + 1;
    set(Register.RIP, RAM.plus(next % RAM_BYTES).value());
    set(Register.RAX, get(Register.RAX) + 1);
    if (resumed == ResumeKind.STEP) {
      stop(new StopReason.Stepped());
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
  public synchronized void detach() {
    calls.add("detach");
    listener = null;
    breakpoints.clear();
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
    resumed = kind;
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
    System.arraycopy(bytes(register), 0, target, offset, register.bytes());
  }

  @Override
  public synchronized void writeRegister(Register register, byte[] source, int offset) {
    checkPaused();
    System.arraycopy(source, offset, bytes(register), 0, register.bytes());
  }

  @Override
  public synchronized MemoryTransfer readMemory(
      VirtualAddress address, byte[] target, int offset, int length) {
    checkPaused();
    int present = present(address, length);
    if (present > 0) {
      System.arraycopy(ram, (int) address.minus(RAM), target, offset, present);
    }
    return transfer(present, length);
  }

  @Override
  public synchronized MemoryTransfer writeMemory(
      VirtualAddress address, byte[] source, int offset, int length) {
    checkPaused();
    int present = present(address, length);
    if (present > 0) {
      System.arraycopy(source, offset, ram, (int) address.minus(RAM), present);
    }
    return transfer(present, length);
  }

  @Override
  public synchronized void insertBreakpoint(VirtualAddress address) {
    breakpoints.add(address);
  }

  @Override
  public synchronized void removeBreakpoint(VirtualAddress address) {
    breakpoints.remove(address);
  }

  @Override
  public Optional<Monitor> monitor() {
    return Optional.ofNullable(monitor);
  }

  private byte[] bytes(Register register) {
    return Objects.requireNonNull(registers.get(register));
  }

  private void checkPaused() {
    if (stop == null) {
      throw new IllegalStateException("the CPU is running");
    }
  }

  private static int present(VirtualAddress address, int length) {
    long offset = address.minus(RAM);
    return offset < 0 || offset >= RAM_BYTES ? 0 : (int) Math.min(length, RAM_BYTES - offset);
  }

  private static MemoryTransfer transfer(int present, int length) {
    return present == length
        ? new MemoryTransfer.Complete(length)
        : new MemoryTransfer.Partial(present, "page not present");
  }
}
