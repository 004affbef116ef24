package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;

/** Machine code of the host, in a page of its own. */
final class ExecutableCode implements AutoCloseable {

  private static final int PAGE = 4096;
  private static final int READ_EXECUTE = 5;

  private final long address;

  /**
   * Places {@code code}.
   *
   * @throws UnicornException when the host doesn't allow it
   */
  ExecutableCode(byte[] code) {
    try {
      address =
          Libc.mmap(0, PAGE, Libc.PROT_READ_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
      new Pointer(address).write(0, code, 0, code.length);
      Libc.mprotect(address, PAGE, READ_EXECUTE);
    } catch (LastErrorException e) {
      throw new UnicornException(
          "the host allows no machine code of our own, which --time instructions and watchpoints"
              + " need: "
              + e.getMessage(),
          e);
    }
  }

  long address() {
    return address;
  }

  @Override
  public void close() {
    Libc.munmap(address, PAGE);
  }

  /** Returns instruction bytes, 0 to 255 each. */
  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
