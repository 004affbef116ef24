package dev.kmemu.emulator.virtio;

import java.io.IOException;

/** What is on a disk. Used on the CPU's thread. */
public interface DiskImage {

  /** Bytes of a sector, in which a guest counts (virtio 1.1, 5.2). */
  int SECTOR_BYTES = 512;

  /** Returns a name of which a guest sees the first 20 characters. */
  String name();

  /** Returns the size in bytes. */
  long bytes();

  /** Whether writes fail. */
  boolean isReadOnly();

  /**
   * Reads {@code count} bytes at {@code offset}, within the disk.
   *
   * @throws IOException when the host can't
   */
  void read(long offset, byte[] target, int count) throws IOException;

  /**
   * Writes {@code count} bytes at {@code offset}, within the disk.
   *
   * @throws IOException when the disk is read-only or full
   */
  void write(long offset, byte[] source, int count) throws IOException;
}
