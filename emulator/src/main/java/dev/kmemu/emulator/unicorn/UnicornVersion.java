package dev.kmemu.emulator.unicorn;

/**
 * A release of Unicorn.
 *
 * @param major first number
 * @param minor second number
 * @param patch third number
 */
public record UnicornVersion(int major, int minor, int patch)
    implements Comparable<UnicornVersion> {

  /** The oldest release that translates x86 addresses through the guest's page tables. */
  public static final UnicornVersion OLDEST = new UnicornVersion(2, 1, 0);

  /** Decodes the result of {@code uc_version}: major, minor, patch and an extra byte. */
  static UnicornVersion decode(int packed) {
    return new UnicornVersion(packed >>> 24, (packed >>> 16) & 0xFF, (packed >>> 8) & 0xFF);
  }

  @Override
  public int compareTo(UnicornVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : minor != other.minor
            ? Integer.compare(minor, other.minor)
            : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
