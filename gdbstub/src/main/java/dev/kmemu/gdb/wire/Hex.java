package dev.kmemu.gdb.wire;

/** The hexadecimal digits of the protocol: lower case out, either case in. */
public final class Hex {

  private Hex() {}

  /** Returns the digit for the lowest four bits of {@code value}. */
  public static char digit(int value) {
    int nibble = value & 0xf;
    return (char) (nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
  }

  /** Returns what the digit {@code character} stands for, or -1 when it is none. */
  public static int value(int character) {
    if (character >= '0' && character <= '9') {
      return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
      return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'F') {
      return character - 'A' + 10;
    }
    return -1;
  }

  /** Returns two digits for each byte, in memory order. */
  public static String of(byte[] bytes, int offset, int length) {
    return new PayloadBuilder(2 * length).hex(bytes, offset, length).build().toString();
  }
}
