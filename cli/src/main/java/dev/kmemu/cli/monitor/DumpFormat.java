package dev.kmemu.cli.monitor;

/**
 * The format of a memory dump: how many units of what size in what notation.
 *
 * @param count units
 * @param notation one of x, d, u, o, c
 * @param size bytes of a unit: 1, 2, 4 or 8
 */
record DumpFormat(int count, char notation, int size) {

  private static final int MOST_BYTES = 1 << 20;
  private static final int LINE_BYTES = 16;
  private static final int LINE_BYTES_OF_BYTES = 8;
  private static final int WORD = 4;

  /** Parses what stands behind the slash. */
  static DumpFormat parse(String text) {
    int at = 0;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    int count = at == 0 ? 1 : count(text.substring(0, at));
    char notation = 'x';
    int size = WORD;
    for (char letter : text.substring(at).toCharArray()) {
      switch (letter) {
        case 'x', 'd', 'u', 'o' -> notation = letter;
        case 'c' -> {
          notation = letter;
          size = 1;
        }
        case 'b' -> size = 1;
        case 'h' -> size = 2;
        case 'w' -> size = WORD;
        case 'g' -> size = Long.BYTES;
        case 'i' -> throw new MonitorException("no disassembly here; use gdb's x/i");
        default ->
            throw new MonitorException(
                "'" + text + "' isn't a format: a count, one of x d u o c, one of b h w g");
      }
    }
    if (count > MOST_BYTES / size) {
      throw new MonitorException(
          count + " units are more than " + MOST_BYTES + " bytes; ask for fewer");
    }
    return new DumpFormat(count, notation, notation == 'c' ? 1 : size);
  }

  private static int count(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new MonitorException(
          digits + " units are more than " + MOST_BYTES + " bytes; ask for fewer");
    }
  }

  long totalBytes() {
    return (long) count * size;
  }

  String dump(long address, byte[] contents) {
    StringBuilder text = new StringBuilder();
    int line = size == 1 ? LINE_BYTES_OF_BYTES : LINE_BYTES;
    for (int at = 0; at < contents.length; at += size) {
      if (at % line == 0) {
        text.append(at == 0 ? "" : "\n").append(String.format("%016x:", address + at));
      }
      text.append(' ').append(unit(contents, at));
    }
    return contents.length == 0 ? "" : text.append('\n').toString();
  }

  private String unit(byte[] contents, int at) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (contents[at + i] & 0xFF);
    }
    int bits = size * Byte.SIZE;
    int decimals = (bits * 10 + 32) / 33;
    return switch (notation) {
      case 'o' -> String.format("%0" + (bits + 2) / 3 + "o", value);
      case 'u' -> String.format("%" + decimals + "s", Long.toUnsignedString(value));
      case 'd' ->
          String.format("%" + decimals + "d", value << (Long.SIZE - bits) >> (Long.SIZE - bits));
      case 'c' -> character((int) value);
      default -> String.format("0x%0" + bits / 4 + "x", value);
    };
  }

  private static String character(int value) {
    String shown =
        switch (value) {
          case '\'' -> "\\'";
          case '\\' -> "\\\\";
          case '\n' -> "\\n";
          case '\r' -> "\\r";
          default ->
              value >= ' ' && value < 0x7F
                  ? String.valueOf((char) value)
                  : String.format("\\x%02x", value);
        };
    return "'" + shown + "'";
  }
}
