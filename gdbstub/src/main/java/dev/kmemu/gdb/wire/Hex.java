package dev.kmemu.gdb.wire;

/** The hexadecimal digits of the protocol: lower case out, either case in. */
public final class Hex {

  private static final String DIGITS = "0123456789abcdef";

  private Hex() {}

  /** Returns the digit for the lowest four bits of {@code value}. */
  public static char digit(int value) {
    return DIGITS.charAt(value & 0xf);
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
    StringBuilder text = new StringBuilder(2 * length);
    append(text, bytes, offset, length);
    return text.toString();
  }

  /** Appends two digits for each byte, in memory order. */
  public static void append(StringBuilder text, byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      text.append(digit(bytes[i] >> 4)).append(digit(bytes[i]));
    }
  }
}
