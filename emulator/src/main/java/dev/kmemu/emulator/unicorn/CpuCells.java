package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * A word for each CPU of the process, which machine code that serves all of them finds by the
 * address of the CPU's structure. CPUs that are 16 MiB apart share one.
 */
final class CpuCells {

  /** How long the code of {@link #emitFind} is. */
  static final int FIND_BYTES = 22;

  /** A CPU's structure is larger than a page. */
  private static final int PAGE_SHIFT = 12;

  private static final int CELLS = 4096;

  private final Memory table = new Memory(CELLS * (long) Long.BYTES);

  CpuCells() {
    table.clear();
  }

  /** Returns the address of the cell that belongs to {@code structure}. */
  long address(long structure) {
    return Pointer.nativeValue(table) + offset(structure);
  }

  /** Returns the word that belongs to {@code structure}. */
  long get(long structure) {
    return table.getLong(offset(structure));
  }

  void clear(long structure) {
    table.setLong(offset(structure), 0);
  }

  private static long offset(long structure) {
    return (structure >>> PAGE_SHIFT) % CELLS * Long.BYTES;
  }

  /** Emits code that makes [RDX+RAX*8] the cell of the structure at RDI. */
  void emitFind(ByteBuffer code) {
    code.put(ExecutableCode.bytes(0x48, 0x89, 0xF8)); // mov rax, rdi
    code.put(ExecutableCode.bytes(0x48, 0xC1, 0xE8, PAGE_SHIFT)); // shr rax, PAGE_SHIFT
    code.put(ExecutableCode.bytes(0x25)).putInt(CELLS - 1); // and eax, CELLS - 1
    code.put(ExecutableCode.bytes(0x48, 0xBA)).putLong(Pointer.nativeValue(table)); // mov rdx, ..
  }
}
