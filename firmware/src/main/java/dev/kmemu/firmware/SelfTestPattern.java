package dev.kmemu.firmware;

/**
 * What the self-test leaves in every 8-byte word of the WIRED and PAGEABLE ranges: the word's own
 * address xor {@link #KEY}, little-endian. No two words are alike, so pages that share a frame
 * show.
 */
public final class SelfTestPattern {

  /** The constant that is mixed into each address. */
  public static final long KEY = 0x6B6D656D70617474L;

  private SelfTestPattern() {}

  /** Returns the word at {@code kva}, a multiple of 8, after its range passed. */
  public static long valueAt(long kva) {
    return kva ^ KEY;
  }
}
