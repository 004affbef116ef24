package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import java.util.Arrays;

/** Machine code that a function of the library must contain before it is built upon. */
final class CodePattern {

  private CodePattern() {}

  /**
   * Whether the first {@code size} bytes of {@code function} contain {@code pattern}.
   *
   * @param mask 0 for bits that don't matter; the pattern must be 0 there
   * @throws UnsatisfiedLinkError when there is no such function
   */
  static boolean isIn(NativeLibrary library, String function, int size, int[] pattern, int[] mask) {
    byte[] code = library.getFunction(function).getByteArray(0, size);
    for (int at = 0; at + pattern.length <= size; at++) {
      int matched = 0;
      while (matched < pattern.length && (code[at + matched] & mask[matched]) == pattern[matched]) {
        matched++;
      }
      if (matched == pattern.length) {
        return true;
      }
    }
    return false;
  }

  /** The same for a pattern of whole bytes. */
  static boolean isIn(NativeLibrary library, String function, int size, int[] pattern) {
    int[] mask = new int[pattern.length];
    Arrays.fill(mask, 0xFF);
    return isIn(library, function, size, pattern, mask);
  }
}
