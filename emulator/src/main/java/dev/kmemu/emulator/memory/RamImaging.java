package dev.kmemu.emulator.memory;

import java.util.BitSet;

/**
 * Captures guest RAM and puts it back. Whoever calls this sees to it that nobody writes RAM
 * meanwhile; calls exclude each other.
 */
public interface RamImaging {

  /**
   * Returns the numbers of the pages that may hold something else than zeroes: a superset, found
   * without touching memory that the host hasn't committed where it tells.
   */
  BitSet occupied();

  /** Returns the contents as they are now. */
  RamImage copy();

  /**
   * Returns the contents as they are now, and makes it cheap to go back to them with {@link
   * #restore}, until the next capture or the restore of another image.
   */
  RamImage capture();

  /** Starts an image of this RAM's size. */
  RamImage.Builder newImage();

  /**
   * Makes the contents those of {@code image}.
   *
   * @return the pages that may have changed by it
   * @throws IllegalArgumentException when the image is of another size or of another kind of RAM
   */
  PageRuns restore(RamImage image);
}
