package dev.kmemu.emulator.memory;

/**
 * The contents of guest RAM at one moment. Never changes, so that any thread may read it until it
 * is closed; afterwards nothing may be asked of it.
 */
public interface RamImage extends AutoCloseable {

  /** Returns the size of the RAM in bytes. */
  long size();

  /**
   * Returns the number of the first page from {@code page} on that isn't all zero, -1 when there is
   * none.
   */
  long nextPage(long page);

  /**
   * Copies the contents of a page, zero or not.
   *
   * @param target receives 4096 bytes from {@code offset} on
   */
  void read(long page, byte[] target, int offset);

  /** Gives the memory back. Idempotent. */
  @Override
  void close();

  /** An image in the making, all zero at first. Belongs to one thread. */
  interface Builder extends AutoCloseable {

    /**
     * Sets the contents of a page.
     *
     * @param source holds 4096 bytes from {@code offset} on
     */
    void put(long page, byte[] source, int offset);

    /** Returns the image; the builder is of no use afterwards. */
    RamImage finish();

    /** Gives the memory of an image that wasn't finished back. Idempotent. */
    @Override
    void close();
  }
}
