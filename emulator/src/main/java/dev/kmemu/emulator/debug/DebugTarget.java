package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A machine with one CPU as a debugger sees it. Every method may be called from any thread and
 * blocks until the CPU's thread has answered; none of them runs guest code but {@link #resume}.
 *
 * <p>Registers and memory can be asked only while the CPU is paused: a running CPU answers with
 * {@link IllegalStateException}. What an optional capability returns empty for isn't there, and
 * mustn't be advertised.
 */
public interface DebugTarget {

  /**
   * Attaches a debugger: the CPU pauses before the next instruction and from then on reports every
   * stop to {@code listener}, from the CPU's thread, exactly once for each {@link #resume},
   * whatever ended it.
   *
   * @return why the CPU is paused now
   * @throws IllegalStateException when a debugger is attached already
   */
  StopReason attach(StopListener listener);

  /** Detaches: removes all breakpoints and lets the CPU run on. A detached target is left alone. */
  void detach();

  /**
   * Ends the attachment of a debugger that left without a word: removes all breakpoints, and leaves
   * the CPU running or paused as it is (GDB manual, {@code disconnect}). A detached target is left
   * alone.
   */
  void disconnect();

  /** Ends the machine, as a debugger's {@code kill} does. */
  void kill();

  /** Returns why the CPU is paused, or null while it runs. */
  @Nullable StopReason stopReason();

  /** Lets the CPU run; returns at once. The next stop goes to the listener. */
  void resume(ResumeKind kind);

  /** Asks a running CPU to stop with {@link StopReason.Interrupted}; no effect on a paused one. */
  void interrupt();

  /** Whether the CPU has {@code register}. Unlike the others, also answered while it runs. */
  boolean has(Register register);

  /** Reads a register into {@code target}, little-endian, {@link Register#bytes()} long. */
  void readRegister(Register register, byte[] target, int offset);

  /**
   * Reads registers that the CPU has into {@code target}, one behind the other, each as {@link
   * #readRegister} does.
   */
  default void readRegisters(Register[] registers, byte[] target) {
    int offset = 0;
    for (Register register : registers) {
      readRegister(register, target, offset);
      offset += register.bytes();
    }
  }

  /** Writes a register from {@code source}, little-endian, {@link Register#bytes()} long. */
  void writeRegister(Register register, byte[] source, int offset);

  /**
   * Reads virtual memory through the current page tables, whatever their protection says. Guest
   * memory is shown as the guest sees it, without breakpoints.
   *
   * @return how much was read, and why not all of it
   */
  MemoryTransfer readMemory(VirtualAddress address, byte[] target, int offset, int length);

  /** Writes virtual memory through the current page tables, also where they are read-only. */
  MemoryTransfer writeMemory(VirtualAddress address, byte[] source, int offset, int length);

  /**
   * Plants a breakpoint on the instruction at {@code address}, mapped or not. Idempotent. A hit
   * stops the CPU before the instruction with {@link StopReason.Breakpoint}.
   */
  void insertBreakpoint(VirtualAddress address);

  /** Removes a breakpoint; no effect when there is none. */
  void removeBreakpoint(VirtualAddress address);

  /** Returns the commands of {@code monitor}, when the machine has them. */
  Optional<Monitor> monitor();

  /** Returns watchpoints, when the machine has them. */
  default Optional<Watchpoints> watchpoints() {
    return Optional.empty();
  }

  /** Returns breakpoints with conditions, when the machine has them. */
  default Optional<ConditionalBreakpoints> conditionalBreakpoints() {
    return Optional.empty();
  }

  /** Returns memory by physical address, when the machine shows it. */
  default Optional<PhysicalAccess> physicalMemory() {
    return Optional.empty();
  }

  /** Returns reverse execution, when the machine remembers its history. */
  default Optional<ReverseExecution> reverseExecution() {
    return Optional.empty();
  }

  /** Returns the range around {@code address}, when the machine can tell; needs a paused CPU. */
  default Optional<MemoryRange> rangeAt(VirtualAddress address) {
    return Optional.empty();
  }

  /**
   * Returns the size of RAM, which starts at physical address 0, in bytes; 0 when it isn't told.
   */
  default long ramBytes() {
    return 0;
  }
}
