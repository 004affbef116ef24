package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much RAM a machine has.
 *
 * @param bytes the size, a multiple of 4096 within [{@link #SMALLEST}, {@link #LARGEST}]
 */
public record RamSize(long bytes) {

  /** The least that a kernel VM fits in: 16 MiB. */
  public static final long SMALLEST = 16L << 20;

  /** The most that the kernel's tables are laid out for: 64 GiB. */
  public static final long LARGEST = 64L << 30;

  private static final Pattern FORMAT = Pattern.compile("(\\d{1,18})([KMGT]?)");

  /** Checks the range. */
  public RamSize {
    if (bytes < SMALLEST || bytes > LARGEST) {
      throw new IllegalArgumentException(
          "RAM of " + bytes + " bytes: must be 16M to 64G, for example 64M");
    }
    if (bytes % VirtualAddress.PAGE_SIZE != 0) {
      throw new IllegalArgumentException(
          "RAM of " + bytes + " bytes: must be a multiple of 4096, for example 64M");
    }
  }

  /**
   * Parses a number of bytes with an optional suffix K, M, G or T (powers of 1024).
   *
   * @throws IllegalArgumentException when it isn't one, or out of range
   */
  public static RamSize parse(String text) {
    Matcher matcher = FORMAT.matcher(text.toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "RAM of '" + text + "': must be a number with an optional K, M or G, for example 64M");
    }
    long number = Long.parseLong(matcher.group(1));
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          case "G" -> 30;
          case "T" -> 40;
          default -> 0;
        };
    if (number > LARGEST >>> shift || number << shift < SMALLEST) {
      throw new IllegalArgumentException(
          "RAM of " + text + ": must be 16M to 64G, for example 64M");
    }
    return new RamSize(number << shift);
  }

  @Override
  public String toString() {
    if (bytes % (1L << 30) == 0) {
      return (bytes >>> 30) + "G";
    }
    return bytes % (1L << 20) == 0 ? (bytes >>> 20) + "M" : bytes + " bytes";
  }
}
