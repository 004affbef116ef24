package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CodeTally;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/**
 * Adds up the bytes of basic blocks inside translated code, without a call: four instructions of
 * the host for each block.
 *
 * <p>It is a block hook for the library, which lets its translator emit a call for it. That goes
 * through an exported function, in front of which stands machine code of our own: for this hook it
 * emits a load, an addition and a store instead. Between two CPUs nothing is shared but that code.
 */
final class BlockTally implements CodeTally, AutoCloseable {

  private static final String EMIT_CALL = "tcg_gen_callN_x86_64";
  private static final String EMIT = "tcg_gen_op3_x86_64";
  private static final String ALLOCATE = "tcg_temp_new_internal_x86_64";
  private static final String FREE = "tcg_temp_free_internal_x86_64";
  private static final String EMIT_ADD_CONSTANT = "tcg_gen_addi_i64_x86_64";

  /** Operations of QEMU 5.0's translator, of which 2.1.x is made. */
  private static final int LD_I64 = 73;

  private static final int ST_I64 = 77;
  private static final int ADD_I64 = 78;

  /** {@code mov esi, ADD_I64}: the numbers differ with each release of QEMU. */
  private static final int[] NAMES_ADD = {0xBE, ADD_I64, 0, 0, 0};

  /** What the library calls where it has several block hooks: {@code *user += size}. */
  private static final int[] CALLED = {0x89, 0xD2, 0x48, 0x01, 0x11, 0xC3};

  private static final int SIZE = 2;
  private static final int USER = 3;
  private static final int UC_HOOK_BLOCK = 1 << 3;

  private final Memory state = new Memory(Long.BYTES);

  /**
   * Begins to count; code that has been translated before isn't counted.
   *
   * @param hook what {@link #install} returned
   */
  BlockTally(long engine, long hook) {
    state.setLong(0, 0);
    NativeHook.add(engine, UC_HOOK_BLOCK, hook, state);
  }

  /**
   * Prepares the library. Not while it runs.
   *
   * @return the hook, empty when the library isn't built as expected, and was left alone
   */
  static OptionalLong install(NativeLibrary library) {
    try {
      if (!CodePattern.isIn(library, EMIT_ADD_CONSTANT, 128, NAMES_ADD)) {
        return OptionalLong.empty();
      }
      long called = new ExecutableCode(ExecutableCode.bytes(CALLED)).address();
      long emitCall = Pointer.nativeValue(library.getFunction(EMIT_CALL));
      if (!ImportSlots.redirect(emitCall, new ExecutableCode(stub(library, called)).address())) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(called);
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * In C:
   *
   * <pre>
   * void emitCall(context, function, result, count, arguments) {
   *   if (function != CALLED) goto EMIT_CALL;
   *   t = ALLOCATE(context, I64, false);
   *   EMIT(context, LD_I64, t, arguments[USER], 0);
   *   EMIT(context, ADD_I64, t, t, arguments[SIZE]);
   *   EMIT(context, ST_I64, t, arguments[USER], 0);
   *   FREE(context, t);
   * }
   * </pre>
   */
  private static byte[] stub(NativeLibrary library, long called) {
    ByteBuffer code = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    put(code, 0x48, 0xB8).putLong(called); // mov rax, CALLED
    put(code, 0x48, 0x39, 0xC6); // cmp rsi, rax
    put(code, 0x74, 0x0C); // je .+12
    put(code, 0x48, 0xB8).putLong(address(library, EMIT_CALL)); // mov rax, EMIT_CALL
    put(code, 0xFF, 0xE0); // jmp rax
    put(code, 0x53, 0x41, 0x54, 0x41, 0x55); // push rbx; push r12; push r13
    put(code, 0x48, 0x89, 0xFB); // mov rbx, rdi
    put(code, 0x4D, 0x89, 0xC4); // mov r12, r8
    put(code, 0xBE, 1, 0, 0, 0, 0x31, 0xD2); // mov esi, 1; xor edx, edx
    call(code, address(library, ALLOCATE));
    put(code, 0x49, 0x89, 0xC5); // mov r13, rax
    operation(code, library, LD_I64, () -> put(code, 0x49, 0x8B, 0x4C, 0x24, USER * 8), true);
    operation(code, library, ADD_I64, () -> put(code, 0x4C, 0x89, 0xE9), false);
    operation(code, library, ST_I64, () -> put(code, 0x49, 0x8B, 0x4C, 0x24, USER * 8), true);
    put(code, 0x48, 0x89, 0xDF, 0x4C, 0x89, 0xEE); // mov rdi, rbx; mov rsi, r13
    call(code, address(library, FREE));
    put(code, 0x41, 0x5D, 0x41, 0x5C, 0x5B, 0xC3); // pop r13; pop r12; pop rbx; ret
    return code.array();
  }

  /** The second operand goes to RCX; the third is 0 or the size. */
  private static void operation(
      ByteBuffer code, NativeLibrary library, int number, Runnable second, boolean zero) {
    put(code, 0x48, 0x89, 0xDF); // mov rdi, rbx
    put(code, 0xBE, number, 0, 0, 0); // mov esi, number
    put(code, 0x4C, 0x89, 0xEA); // mov rdx, r13
    second.run();
    if (zero) {
      put(code, 0x45, 0x31, 0xC0); // xor r8d, r8d
    } else {
      put(code, 0x4D, 0x8B, 0x44, 0x24, SIZE * 8); // mov r8, [r12+16]
    }
    call(code, address(library, EMIT));
  }

  private static void call(ByteBuffer code, long function) {
    put(code, 0x48, 0xB8).putLong(function); // mov rax, function
    put(code, 0xFF, 0xD0); // call rax
  }

  private static ByteBuffer put(ByteBuffer code, int... values) {
    return code.put(ExecutableCode.bytes(values));
  }

  private static long address(NativeLibrary library, String name) {
    return Pointer.nativeValue(library.getFunction(name));
  }

  @Override
  public long executedBytes() {
    return state.getLong(0);
  }

  @Override
  public void close() {
    state.close();
  }
}
