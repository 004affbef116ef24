package dev.kmemu.gdb.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at eight bytes at a time: a frame holds most of a memory dump's bytes as they are. */
final class PlainBytes {

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long LOW_BITS = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = LOW_BITS << 7;

  /** A run that begins at one of the first bytes of a word and its successor is seen in them. */
  private static final int STEP = Long.BYTES + 1 - RunLength.LEAST;

  private PlainBytes() {}

  /**
   * Returns how many bytes from {@code from} on surely need no escape and begin no run; the one
   * behind them may.
   */
  static int countBeforeRun(byte[] source, int from, int end) {
    int at = from;
    while (at + Long.BYTES < end) {
      long word = (long) WORDS.get(source, at);
      long same = zeros(word ^ (long) WORDS.get(source, at + 1));
      long run = same & (same >>> Byte.SIZE) & (same >>> (2 * Byte.SIZE));
      long found = run | special(word);
      if (found != 0) {
        return at + Math.min(STEP, first(found)) - from;
      }
      at += STEP;
    }
    return at - from;
  }

  /** As {@link #countBeforeRun}, runs or none. */
  static int count(byte[] source, int from, int end) {
    int at = from;
    while (at + Long.BYTES <= end) {
      long found = special((long) WORDS.get(source, at));
      if (found != 0) {
        return at + first(found) - from;
      }
      at += Long.BYTES;
    }
    return at - from;
  }

  /** Returns the sum of the bytes modulo 256, the checksum of a frame that holds them. */
  static int sum(byte[] source, int from, int end) {
    int at = from;
    long sums = 0;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      long word = (long) WORDS.get(source, at);
      sums = ((sums & ~HIGH_BITS) + (word & ~HIGH_BITS)) ^ ((sums ^ word) & HIGH_BITS);
    }
    int sum = 0;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      sum += (int) (sums >>> shift);
    }
    for (; at < end; at++) {
      sum += source[at];
    }
    return sum & 0xff;
  }

  private static long special(long word) {
    return zeros(word, '#') | zeros(word, '$') | zeros(word, '}') | zeros(word, RunLength.MARK);
  }

  /** Returns the place of the first byte that is marked; what is marked falsely comes later. */
  private static int first(long marks) {
    return Long.numberOfTrailingZeros(marks) / Byte.SIZE;
  }

  private static long zeros(long word, char octet) {
    return zeros(word ^ LOW_BITS * octet);
  }

  /** Marks each byte that is 0, and maybe some above one. */
  private static long zeros(long word) {
    return (word - LOW_BITS) & ~word & HIGH_BITS;
  }
}
