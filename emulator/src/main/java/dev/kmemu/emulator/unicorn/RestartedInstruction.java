package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells of an instruction that begins anew because it stores to the code of its own block.
 *
 * <p>The library drops such a block, leaves it in the middle of the store, and executes the
 * instruction once more in a block of its own: what stands before instructions sees it twice, as it
 * sees two iterations of a string instruction. Machine code of our own in front of the function by
 * which the library leaves takes note of the CPU. The code before the instruction looks for it; a
 * CPU that comes out in between is looked after by {@link Hooks}.
 */
final class RestartedInstruction {

  private static final String LEAVE = "cpu_loop_exit_noexc_x86_64";

  /** A CPU's structure is larger than a page. */
  private static final int PAGE_SHIFT = 12;

  /**
   * Each CPU has a cell, which others share that are 16 MiB away. They would have to do it at the
   * same time, for which the cell names the CPU.
   */
  private static final int CELLS = 4096;

  private static final Memory TABLE = new Memory(CELLS * (long) Long.BYTES);

  private final long cpu;
  private final long cell;

  /** Looks for the restarts of {@code cpu}, all that were before forgotten. */
  RestartedInstruction(long cpu) {
    this.cpu = cpu;
    this.cell = (cpu >>> PAGE_SHIFT) % CELLS * Long.BYTES;
    forget();
  }

  /**
   * Takes note of restarts from now on. Not while the library runs.
   *
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean install(NativeLibrary library) {
    TABLE.clear();
    try {
      long leave = Pointer.nativeValue(library.getFunction(LEAVE));
      return ImportSlots.redirect(leave, new ExecutableCode(stub(leave)).address());
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  private static byte[] stub(long leave) {
    ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    code.put(ExecutableCode.bytes(0x48, 0x89, 0xF8)); // mov rax, rdi
    code.put(ExecutableCode.bytes(0x48, 0xC1, 0xE8, PAGE_SHIFT)); // shr rax, PAGE_SHIFT
    code.put(ExecutableCode.bytes(0x25)).putInt(CELLS - 1); // and eax, CELLS - 1
    code.put(ExecutableCode.bytes(0x48, 0xBA)).putLong(Pointer.nativeValue(TABLE)); // mov rdx, ..
    code.put(ExecutableCode.bytes(0x48, 0x89, 0x3C, 0xC2)); // mov [rdx+rax*8], rdi
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(leave); // mov rax, leave
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
    return code.array();
  }

  /** Returns where the CPU's address stands while an instruction of it is to begin anew. */
  long address() {
    return Pointer.nativeValue(TABLE) + cell;
  }

  void forget() {
    TABLE.setLong(cell, 0);
  }

  /** Tells once whether the instruction at RIP is to begin anew. */
  boolean take() {
    boolean restarts = TABLE.getLong(cell) == cpu;
    if (restarts) {
      forget();
    }
    return restarts;
  }
}
