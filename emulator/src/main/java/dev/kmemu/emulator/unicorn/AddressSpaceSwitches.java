package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Counts how often a guest goes to another address space while it runs, by machine code in front of
 * the function by which the library loads CR3.
 *
 * <p>CPUs share counters: one that hasn't changed says for sure that this CPU has gone nowhere.
 */
final class AddressSpaceSwitches {

  private static final String LOAD_CR3 = "cpu_x86_update_cr3_x86_64";

  private static final CpuCells CELLS = new CpuCells();

  private static volatile boolean counting;

  private final long registers;

  /** Reads the counter of the CPU whose registers are at {@code registers}. */
  AddressSpaceSwitches(long registers) {
    this.registers = registers;
  }

  /**
   * Counts from now on. Not while the library runs.
   *
   * @param cr3 bytes from the registers to CR3
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean install(NativeLibrary library, int cr3) {
    try {
      long load = Pointer.nativeValue(library.getFunction(LOAD_CR3));
      counting = ImportSlots.redirect(load, new ExecutableCode(stub(load, cr3)).address());
    } catch (UnsatisfiedLinkError | UnicornException e) {
      counting = false;
    }
    return counting;
  }

  /** The arguments are the registers and the new CR3. */
  private static byte[] stub(long load, int cr3) {
    ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    code.put(ExecutableCode.bytes(0x48, 0x39, 0xB7)).putInt(cr3); // cmp [rdi+CR3], rsi
    code.put(ExecutableCode.bytes(0x74, CpuCells.FIND_BYTES + 4)); // je behind the inc
    CELLS.emitFind(code);
    code.put(ExecutableCode.bytes(0x48, 0xFF, 0x04, 0xC2)); // inc qword [rdx+rax*8]
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(load); // mov rax, load
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
    return code.array();
  }

  /** Whether {@link #count} means anything. */
  static boolean areCounted() {
    return counting;
  }

  /** Returns a number that has changed when the CPU has gone to another address space. */
  long count() {
    return CELLS.get(registers);
  }
}
