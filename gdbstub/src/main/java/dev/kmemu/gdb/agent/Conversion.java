package dev.kmemu.gdb.agent;

import dev.kmemu.gdb.agent.PrintfFormat.FormatReader;
import org.jspecify.annotations.Nullable;

/**
 * One conversion of C's {@code printf}.
 *
 * @param flags those of {@code -0+ #} that were given
 * @param width the least characters, 0 when none were given
 * @param precision the least digits or the most characters, -1 when none were given
 * @param bits how many bits of a value count
 * @param letter one of {@code d i u o x X c p s}
 */
record Conversion(String flags, int width, int precision, int bits, char letter) {

  private static final String LETTERS = "diuoxXcps";

  /** Reads what follows the percent sign. */
  static Conversion read(FormatReader in) throws BadAgentCodeException {
    StringBuilder flags = new StringBuilder();
    for (boolean more = true; more; ) {
      more = false;
      for (char flag : "-0+ #".toCharArray()) {
        if (in.accept(flag)) {
          flags.append(flag);
          more = true;
        }
      }
    }
    @Nullable Integer width = in.number();
    @Nullable Integer precision = null;
    if (in.accept('.')) {
      Integer digits = in.number();
      precision = digits == null ? 0 : digits;
    }
    int bits = bits(in);
    char letter = in.next();
    if (LETTERS.indexOf(letter) < 0) {
      throw in.bad("one of the conversions " + LETTERS + ", not " + letter + ",");
    }
    return new Conversion(
        flags.toString(),
        width == null ? 0 : width,
        precision == null ? -1 : precision,
        letter == 'p' ? Long.SIZE : bits,
        letter);
  }

  /** Appends the text for {@code value}. */
  void append(StringBuilder text, long value, GuestStrings strings) {
    if (letter == 's') {
      String string = strings.at(value);
      boolean cut = precision >= 0 && precision < string.length();
      pad(text, "", cut ? string.substring(0, precision) : string, ' ');
    } else if (letter == 'c') {
      pad(text, "", String.valueOf((char) (value & 0xff)), ' ');
    } else {
      appendNumber(text, value);
    }
  }

  private void appendNumber(StringBuilder text, long value) {
    boolean signed = letter == 'd' || letter == 'i';
    long number =
        signed
            ? IntegerArithmetic.signExtend(value, bits)
            : IntegerArithmetic.zeroExtend(value, bits);
    String digits =
        switch (letter) {
          case 'd', 'i' -> Long.toUnsignedString(Math.abs(number));
          case 'u' -> Long.toUnsignedString(number);
          case 'o' -> Long.toOctalString(number);
          case 'X' -> Long.toHexString(number).toUpperCase(java.util.Locale.ROOT);
          default -> Long.toHexString(number);
        };
    digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
    pad(text, prefix(number, signed), digits, precision < 0 && has('0') ? '0' : ' ');
  }

  private String prefix(long number, boolean signed) {
    if (signed) {
      return number < 0 ? "-" : has('+') ? "+" : has(' ') ? " " : "";
    }
    if (letter == 'p' || (has('#') && number != 0 && letter == 'x')) {
      return "0x";
    }
    return has('#') && number != 0 && letter == 'X' ? "0X" : "";
  }

  /** Zeros go between the prefix and the digits, spaces before or behind both. */
  private void pad(StringBuilder text, String prefix, String body, char filler) {
    String fill =
        String.valueOf(filler).repeat(Math.max(0, width - prefix.length() - body.length()));
    if (has('-')) {
      text.append(prefix).append(body).append(" ".repeat(fill.length()));
    } else if (filler == '0') {
      text.append(prefix).append(fill).append(body);
    } else {
      text.append(fill).append(prefix).append(body);
    }
  }

  private boolean has(char flag) {
    return flags.indexOf(flag) >= 0;
  }

  private static int bits(FormatReader in) {
    if (in.accept('h')) {
      return in.accept('h') ? Byte.SIZE : Short.SIZE;
    }
    if (in.accept('l')) {
      in.accept('l');
      return Long.SIZE;
    }
    return in.accept('z') || in.accept('j') || in.accept('t') ? Long.SIZE : Integer.SIZE;
  }
}
