package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * Confines stops to the boundaries of basic blocks.
 *
 * <p>Unicorn's translated code looks for a wanted stop at the start of each block, where the CPU's
 * state is whole, but also behind each memory access, where RIP still names the start of the block
 * although part of it has been executed: a run that was stopped there executes that part twice when
 * it goes on. The engine has a switch against the checks inside blocks, made for ARM's IT blocks.
 * No header tells where it is, but the exported function that emits the check begins by testing it,
 * and that instruction holds the offset. {@link ContextProbe} proves the effect.
 */
final class MidBlockExits {

  private static final String FUNCTION = "check_exit_request_x86_64";
  private static final int CODE_BYTES = 24;
  private static final int ENDBR64 = 0xFA1E0FF3;
  private static final int MOST_PLAUSIBLE = 8192;

  private MidBlockExits() {}

  /** Returns the switch's offset in an engine, or empty when the function isn't as expected. */
  static OptionalInt locate(NativeLibrary library) {
    try {
      return decode(library.getFunction(FUNCTION).getByteArray(0, CODE_BYTES));
    } catch (UnsatisfiedLinkError e) {
      return OptionalInt.empty();
    }
  }

  /**
   * Decodes {@code mov A, [rdi+disp32]; cmp byte [A+disp32], 0}, in which A is any register, with
   * or without {@code endbr64} before it; returns the second displacement.
   */
  static OptionalInt decode(byte[] code) {
    ByteBuffer bytes = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.getInt(0) == ENDBR64 ? Integer.BYTES : 0;
    int modrm = code[at + 2] & 0xFF;
    boolean loads = code[at] == 0x48 && (code[at + 1] & 0xFF) == 0x8B && (modrm & 0xC7) == 0x87;
    int register = (modrm >> 3) & 7;
    int compare = at + 7;
    boolean tests =
        (code[compare] & 0xFF) == 0x80
            && (code[compare + 1] & 0xFF) == (0xB8 | register)
            && register != 4
            && code[compare + 6] == 0;
    int offset = bytes.getInt(compare + 2);
    return loads && tests && offset > 0 && offset < MOST_PLAUSIBLE
        ? OptionalInt.of(offset)
        : OptionalInt.empty();
  }

  /** Sets the switch of an engine that hasn't translated anything yet. */
  static void suppress(long engine, OptionalInt offset) {
    if (offset.isPresent()) {
      Pointer field = new Pointer(engine + offset.getAsInt());
      if (field.getByte(0) == 0) {
        field.setByte(0, (byte) 1);
      }
    }
  }
}
