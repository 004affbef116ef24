package dev.kmemu.emulator.device;

/**
 * How an 8042 turns the codes of scan code set 2, which keyboards send, into those of set 1 (IBM
 * PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller").
 */
final class ScanCodes {

  /** What precedes the code of a key that is released, in set 2. */
  static final int RELEASED = 0xF0;

  /** The same in set 1, as a bit of the code. */
  static final int RELEASED_BIT = 0x80;

  /** What precedes the codes of the keys that the first PC didn't have, in both. */
  static final int EXTENDED = 0xE0;

  private static final int F7 = 0x41;
  private static final int F7_IN_SET_2 = 0x83;
  private static final int SYSTEM_REQUEST = 0x54;
  private static final int SYSTEM_REQUEST_IN_SET_2 = 0x84;

  /** Set 2, by the code in set 1. */
  private static final int[] SET_2 = {
    0, 118, 22, 30, 38, 37, 46, 54, 61, 62, 70, 69, 78, 85, 102, 13,
    21, 29, 36, 45, 44, 53, 60, 67, 68, 77, 84, 91, 90, 20, 28, 27,
    35, 43, 52, 51, 59, 66, 75, 76, 82, 14, 18, 93, 26, 34, 33, 42,
    50, 49, 58, 65, 73, 74, 89, 124, 17, 41, 88, 5, 6, 4, 12, 3,
    11, 2, 10, 1, 9, 119, 126, 108, 117, 125, 123, 107, 115, 116, 121, 105,
    114, 122, 112, 113, 127, 96, 97, 120, 7, 15, 23, 31, 39, 47, 55, 63,
    71, 79, 86, 94, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 87, 111,
    19, 25, 57, 81, 83, 92, 95, 98, 99, 100, 101, 103, 104, 106, 109, 110
  };

  private static final int[] SET_1 = new int[256];

  static {
    for (int code = 0; code < SET_1.length; code++) {
      SET_1[code] = code;
    }
    for (int code = 0; code < SET_2.length; code++) {
      SET_1[SET_2[code]] = code;
    }
    SET_1[F7_IN_SET_2] = F7;
    SET_1[SYSTEM_REQUEST_IN_SET_2] = SYSTEM_REQUEST;
  }

  private ScanCodes() {}

  /** Returns the code in set 2 of a key with the code {@code set1}, 0 to 0x7F, in set 1. */
  static int set2(int set1) {
    return set1 == F7 ? F7_IN_SET_2 : SET_2[set1];
  }

  /** Returns what the controller makes of a byte of a keyboard, 0 to 0xFF. */
  static int translated(int octet) {
    return SET_1[octet];
  }
}
