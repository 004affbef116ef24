package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Makes the library's breakpoints do for a guest (Intel SDM vol. 3B, 17.3.1.1).
 *
 * <p>What the library does at one looks for it by RIP, though they are set by linear address, and
 * runs in circles when a segment has a base; here it always raises #DB. And RF, with which each
 * handler of a fault returns, lasts up to the next indirect branch there; while a guest has
 * breakpoints, what is translated for RF ends behind one instruction.
 */
final class NativeBreakpoints {

  private static final int STUB_BYTES = 0x40;
  private static final Memory IN_USE = new Memory(Integer.BYTES);

  private static int users;

  private NativeBreakpoints() {}

  /**
   * Does it for the CPUs that are created afterwards. Not while the library runs.
   *
   * @param registers bytes from the CPU to its state
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean install(NativeLibrary library, int registers) {
    IN_USE.setInt(0, 0);
    try {
      long handler = function(library, "breakpoint_handler_x86_64");
      long translate = function(library, "tb_gen_code_x86_64");
      byte[] code = stubs(registers, function(library, "raise_exception_x86_64"), translate);
      long address = new ExecutableCode(code).address();
      return ImportSlots.redirect(handler, address)
          && ImportSlots.redirect(translate, address + STUB_BYTES);
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  /** Says that one more CPU has breakpoints, or one less. */
  static synchronized void use(boolean uses) {
    users += uses ? 1 : -1;
    IN_USE.setInt(0, users);
  }

  private static byte[] stubs(int registers, long raise, long translate) {
    ByteBuffer code = ByteBuffer.allocate(2 * STUB_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    code.put(ExecutableCode.bytes(0x48, 0x81, 0xC7)).putInt(registers); // add rdi, REGISTERS
    code.put(ExecutableCode.bytes(0xBE)).putInt(1); // mov esi, 1
    jump(code, raise);
    code.position(STUB_BYTES);
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(Pointer.nativeValue(IN_USE)); // mov rax, ..
    code.put(ExecutableCode.bytes(0x83, 0x38, 0)); // cmp dword [rax], 0
    code.put(ExecutableCode.bytes(0x74, 0x13)); // je .+19
    code.put(ExecutableCode.bytes(0xF7, 0xC1)).putInt(1 << 16); // test ecx, RF
    code.put(ExecutableCode.bytes(0x74, 0x0B)); // je .+11
    code.put(ExecutableCode.bytes(0x41, 0x81, 0xE0)).putInt(-0x8000); // and r8d, ~COUNT
    code.put(ExecutableCode.bytes(0x41, 0x83, 0xC8, 1)); // or r8d, 1
    jump(code, translate);
    return code.array();
  }

  private static void jump(ByteBuffer code, long target) {
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(target); // mov rax, TARGET
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
  }

  private static long function(NativeLibrary library, String name) {
    return Pointer.nativeValue(library.getFunction(name));
  }
}
