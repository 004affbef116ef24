package dev.kmemu.emulator.unicorn;

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

  /** A cell names the CPU: those that share it would have to restart at the same time. */
  private static final CpuCells CELLS = new CpuCells();

  private final long cpu;

  /** Looks for the restarts of {@code cpu}, all that were before forgotten. */
  RestartedInstruction(long cpu) {
    this.cpu = cpu;
    forget();
  }

  /**
   * Takes note of restarts from now on. Not while the library runs.
   *
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean install(NativeLibrary library) {
    try {
      long leave = Pointer.nativeValue(library.getFunction(LEAVE));
      return ImportSlots.redirect(leave, new ExecutableCode(stub(leave)).address());
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  private static byte[] stub(long leave) {
    ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    CELLS.emitFind(code);
    code.put(ExecutableCode.bytes(0x48, 0x89, 0x3C, 0xC2)); // mov [rdx+rax*8], rdi
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(leave); // mov rax, leave
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
    return code.array();
  }

  /** Returns where the CPU's address stands while an instruction of it is to begin anew. */
  long address() {
    return CELLS.address(cpu);
  }

  void forget() {
    CELLS.clear(cpu);
  }

  /** Tells once whether the instruction at RIP is to begin anew. */
  boolean take() {
    boolean restarts = CELLS.get(cpu) == cpu;
    if (restarts) {
      forget();
    }
    return restarts;
  }
}
