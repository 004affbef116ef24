package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Drops all translated code of a page when the guest stores to the page.
 *
 * <p>2.1.1 drops the blocks that a store hits, and then stops watching the page, so that the blocks
 * it has left there would never hear of later stores. Machine code of our own behind the function
 * that drops them drops the others too: once the page isn't watched there is nothing to watch for,
 * and the next block that is translated there makes it watched again.
 */
final class CodePages {

  private static final String STORE = "tb_invalidate_phys_page_fast_x86_64";
  private static final String RANGE = "tb_invalidate_phys_range_x86_64";
  private static final int PAGE = 0x1000;

  private CodePages() {}

  /**
   * Does it for all CPUs of the process. Not while the library runs.
   *
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean dropWhole(NativeLibrary library) {
    try {
      long store = Pointer.nativeValue(library.getFunction(STORE));
      long range = Pointer.nativeValue(library.getFunction(RANGE));
      return ImportSlots.redirect(store, new ExecutableCode(stub(store, range)).address());
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  /** The arguments are the engine, the pages, the physical address, the length and where it was. */
  private static byte[] stub(long store, long range) {
    ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    code.put(ExecutableCode.bytes(0x53)); // push rbx
    code.put(ExecutableCode.bytes(0x41, 0x54)); // push r12
    code.put(ExecutableCode.bytes(0x48, 0x83, 0xEC, 0x08)); // sub rsp, 8
    code.put(ExecutableCode.bytes(0x48, 0x89, 0xFB)); // mov rbx, rdi
    code.put(ExecutableCode.bytes(0x49, 0x89, 0xD4)); // mov r12, rdx
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(store); // mov rax, store
    code.put(ExecutableCode.bytes(0xFF, 0xD0)); // call rax
    code.put(ExecutableCode.bytes(0x48, 0x89, 0xDF)); // mov rdi, rbx
    code.put(ExecutableCode.bytes(0x4C, 0x89, 0xE6)); // mov rsi, r12
    code.put(ExecutableCode.bytes(0x48, 0x81, 0xE6)).putInt(-PAGE); // and rsi, -PAGE
    code.put(ExecutableCode.bytes(0x48, 0x8D, 0x96)).putInt(PAGE); // lea rdx, [rsi+PAGE]
    code.put(ExecutableCode.bytes(0x48, 0x83, 0xC4, 0x08)); // add rsp, 8
    code.put(ExecutableCode.bytes(0x41, 0x5C)); // pop r12
    code.put(ExecutableCode.bytes(0x5B)); // pop rbx
    code.put(ExecutableCode.bytes(0x48, 0xB8)).putLong(range); // mov rax, range
    code.put(ExecutableCode.bytes(0xFF, 0xE0)); // jmp rax
    return code.array();
  }
}
