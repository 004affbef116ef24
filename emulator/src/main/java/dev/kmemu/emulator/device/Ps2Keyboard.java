package dev.kmemu.emulator.device;

import java.util.Arrays;

/**
 * A keyboard at an 8042 (IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and
 * 102-Key)"): its commands, and the scan code sets 1 and 2. It doesn't repeat keys by itself: who
 * types does. On the CPU's thread.
 */
public final class Ps2Keyboard extends DeviceState {

  /** Bytes that it keeps while nobody takes them. */
  static final int BUFFER = 16;

  /** Of {@link #key}: a key that the first PC didn't have. */
  public static final int EXTENDED = 0x100;

  private static final int NONE = -1;
  private static final int SCALARS = 5;
  private static final int ACKNOWLEDGED = 0xFA;
  private static final int AGAIN = 0xFE;
  private static final int TEST_PASSED = 0xAA;
  private static final int ECHO = 0xEE;
  private static final int IDENTITY = 0x83AB;

  private static final int SET_LEDS = 0xED;
  private static final int CHOOSE_SET = 0xF0;
  private static final int SET_RATE = 0xF3;
  private static final int SET_2 = 2;

  /** Commands of set 3 about single keys, which are followed by codes. */
  private static final int FIRST_OF_SET_3 = 0xF7;

  private static final int LAST_OF_SET_3 = 0xFD;

  private final int[] buffer = new int[BUFFER];
  private int filled;
  private int set = SET_2;
  private boolean scans = true;
  private int argumentOf = NONE;
  private int last = ACKNOWLEDGED;

  /** Creates one as a BIOS leaves it: enabled, with set 2. */
  public Ps2Keyboard() {
    super("keyboard");
  }

  /**
   * Presses or releases keys, all or none of them.
   *
   * @param keys codes of set 1, 1 to 0x7F, with {@link #EXTENDED}, and 0x80 where one is released
   * @return false when there is no room for their codes
   */
  boolean key(int... keys) {
    int[] codes = new int[3 * keys.length];
    int count = 0;
    for (int key : keys) {
      boolean released = (key & ScanCodes.RELEASED_BIT) != 0;
      int code = key & 0x7F;
      if ((key & EXTENDED) != 0) {
        codes[count++] = ScanCodes.EXTENDED;
      }
      if (set != SET_2) {
        codes[count++] = key & 0xFF;
      } else {
        if (released) {
          codes[count++] = ScanCodes.RELEASED;
        }
        codes[count++] = ScanCodes.set2(code);
      }
    }
    if (!scans) {
      return true;
    }
    if (filled + count > BUFFER) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      send(codes[i]);
    }
    return true;
  }

  private void send(int octet) {
    if (filled < BUFFER) {
      buffer[filled++] = octet;
    }
  }

  /** Takes a byte that the controller passes on. */
  void receive(int octet) {
    int command = argumentOf;
    argumentOf = NONE;
    if (command != NONE && octet < SET_LEDS) {
      argument(command, octet);
      return;
    }
    // Answers don't wait behind keys.
    filled = 0;
    switch (octet) {
      case SET_LEDS, CHOOSE_SET, SET_RATE -> {
        argumentOf = octet;
        send(ACKNOWLEDGED);
      }
      case ECHO -> send(ECHO);
      case 0xF2 -> answer(ACKNOWLEDGED, IDENTITY & 0xFF, IDENTITY >> 8);
      case 0xF4 -> {
        scans = true;
        send(ACKNOWLEDGED);
      }
      case 0xF5 -> {
        scans = false;
        set = SET_2;
        send(ACKNOWLEDGED);
      }
      case 0xF6 -> {
        set = SET_2;
        send(ACKNOWLEDGED);
      }
      case AGAIN -> send(last);
      case 0xFF -> {
        scans = true;
        set = SET_2;
        answer(ACKNOWLEDGED, TEST_PASSED);
      }
      default -> send(octet >= FIRST_OF_SET_3 && octet <= LAST_OF_SET_3 ? ACKNOWLEDGED : AGAIN);
    }
  }

  private void argument(int command, int value) {
    if (command != CHOOSE_SET) {
      send(ACKNOWLEDGED);
    } else if (value == 0) {
      answer(ACKNOWLEDGED, set);
    } else if (value <= SET_2) {
      set = value;
      send(ACKNOWLEDGED);
    } else {
      send(AGAIN);
    }
  }

  private void answer(int... octets) {
    for (int octet : octets) {
      send(octet);
    }
  }

  boolean hasMore() {
    return filled > 0;
  }

  /** Returns the next byte for the controller. */
  int next() {
    int octet = buffer[0];
    System.arraycopy(buffer, 1, buffer, 0, --filled);
    last = octet;
    return octet;
  }

  @Override
  protected long[] save() {
    long[] state = new long[SCALARS + BUFFER];
    state[0] = filled;
    state[1] = set;
    state[2] = scans ? 1 : 0;
    state[3] = argumentOf;
    state[4] = last;
    for (int i = 0; i < filled; i++) {
      state[SCALARS + i] = buffer[i];
    }
    return state;
  }

  @Override
  protected void restore(long[] state) {
    filled = (int) Math.max(0, Math.min(BUFFER, state[0]));
    set = state[1] == 1 ? 1 : SET_2;
    scans = state[2] != 0;
    argumentOf = (int) state[3];
    last = (int) state[4] & 0xFF;
    Arrays.setAll(buffer, i -> (int) state[SCALARS + i] & 0xFF);
  }
}
