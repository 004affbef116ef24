package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ends translated blocks before their temporaries run out.
 *
 * <p>QEMU's translator has room for 512 temporaries in a block and only asserts, in builds with
 * assertions, that they suffice. Some instructions keep one or two (x87, PUSHF, AAM, loads of FS,
 * SGDT), so that a few hundred of them in a row overwrite what lies behind. The translator does end
 * a block when it has 4000 operations; here the function that hands out temporaries is told to
 * claim as many when {@link #MOST} temporaries are in use, by machine code of our own in front of
 * it. Translated code is none the slower.
 */
final class BlockTemporaries {

  /** What is left to 512 is for the instruction that reaches it, and for the block's end. */
  static final int MOST = 256;

  private static final String ALLOCATOR = "tcg_temp_new_internal_x86_64";
  private static final String EMITTER = "tcg_emit_op_x86_64";
  private static final String LOOP = "translator_loop_x86_64";
  private static final int TEMPORARIES = 0x30;
  private static final int OPERATIONS = 0x38;
  private static final int MANY = 1 << 30;

  // In masks a zero stands for a register that doesn't matter.
  // movsxd R, dword [rdi+0x30]
  private static final int[] COUNTS = {0x48, 0x63, 0x47, TEMPORARIES};
  private static final int[] COUNTS_MASK = {0xFF, 0xFF, 0xC7, 0xFF};
  // add dword [rdi+0x38], 1
  private static final int[] ADDS = {0x83, 0x47, OPERATIONS, 1};
  private static final int[] ADDS_MASK = {0xFF, 0xFF, 0xFF, 0xFF};
  // cmp dword [R+0x38], 3999
  private static final int[] COMPARES = {0x81, 0x78, OPERATIONS, 0x9F, 0x0F, 0, 0};
  private static final int[] COMPARES_MASK = {0xFF, 0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

  private BlockTemporaries() {}

  /**
   * Bounds the blocks of all CPUs of the process. Not while the library runs.
   *
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean bound(NativeLibrary library) {
    try {
      long allocator = Pointer.nativeValue(library.getFunction(ALLOCATOR));
      return CodePattern.isIn(library, ALLOCATOR, 256, COUNTS, COUNTS_MASK)
          && CodePattern.isIn(library, EMITTER, 128, ADDS, ADDS_MASK)
          && CodePattern.isIn(library, LOOP, 1536, COMPARES, COMPARES_MASK)
          && ImportSlots.redirect(allocator, new ExecutableCode(stub(allocator)).address());
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  private static byte[] stub(long allocator) {
    ByteBuffer code = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    code.put(ExecutableCode.bytes(0x81, 0x7F, TEMPORARIES))
        .putInt(MOST); // cmp dword [rdi+0x30], MOST
    code.put(ExecutableCode.bytes(0x7C, 7)); // jl .+7
    code.put(ExecutableCode.bytes(0xC7, 0x47, OPERATIONS))
        .putInt(MANY); // mov dword [rdi+0x38], MANY
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(allocator); // mov rax, allocator
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
    return code.array();
  }
}
