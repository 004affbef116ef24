package dev.kmemu.gdb.target;

/** The CRC-32 of {@code qCRC}: polynomial 0x04c11db7, highest bit first, all ones at the start. */
final class MemoryChecksum {

  private static final int POLYNOMIAL = 0x04c1_1db7;
  private static final int[] TABLE = table();

  private int value = -1;

  /** Takes in the first {@code length} bytes. */
  void add(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      value = value << Byte.SIZE ^ TABLE[(value >>> 24 ^ bytes[i]) & 0xff];
    }
  }

  int value() {
    return value;
  }

  private static int[] table() {
    int[] table = new int[0x100];
    for (int i = 0; i < table.length; i++) {
      int rest = i << 24;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        rest = rest < 0 ? rest << 1 ^ POLYNOMIAL : rest << 1;
      }
      table[i] = rest;
    }
    return table;
  }
}
