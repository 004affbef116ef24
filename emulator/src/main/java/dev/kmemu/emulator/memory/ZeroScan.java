package dev.kmemu.emulator.memory;

import java.nio.ByteBuffer;

/** Looks for a byte that isn't zero, as fast as memory can be read and without allocating. */
public final class ZeroScan {

  private static final int STEP = 8 * Long.BYTES;

  private ZeroScan() {}

  /** Whether {@code length} bytes of {@code buffer} from {@code from} are all zero. */
  public static boolean isZero(ByteBuffer buffer, int from, int length) {
    int end = from + length;
    int at = from;
    for (; at <= end - STEP; at += STEP) {
      long bits =
          buffer.getLong(at)
              | buffer.getLong(at + 8)
              | buffer.getLong(at + 16)
              | buffer.getLong(at + 24)
              | buffer.getLong(at + 32)
              | buffer.getLong(at + 40)
              | buffer.getLong(at + 48)
              | buffer.getLong(at + 56);
      if (bits != 0) {
        return false;
      }
    }
    for (; at < end; at++) {
      if (buffer.get(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
