package dev.kmemu.emulator.virtio;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/**
 * A file or block device that is a disk byte for byte. It is never written. A file that ends within
 * a sector goes on with zeros up to the sector's end.
 */
public final class RawImage implements DiskImage, AutoCloseable {

  /** Of st_mode: what kind of file it is, and which of them is a block device. */
  private static final int FILE_KIND = 0xF000;

  private static final int BLOCK_DEVICE = 0x6000;

  private final String name;
  private final FileChannel file;
  private final long fileBytes;

  private RawImage(String name, FileChannel file, long fileBytes) {
    this.name = name;
    this.file = file;
    this.fileBytes = fileBytes;
  }

  /**
   * Opens a file.
   *
   * @throws IOException when it can't be read, is neither a regular file nor a block device, or has
   *     no bytes
   */
  public static RawImage open(Path path) throws IOException {
    // Before it is opened: that alone would wait for a writer where it is a FIFO.
    if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()
        && !isBlockDevice(path)) {
      throw new IOException("it isn't a regular file, nor a block device");
    }
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long size = file.size();
      if (size == 0) {
        throw new IOException("it is empty, a disk has 1 byte at least");
      }
      return new RawImage(String.valueOf(path.getFileName()), file, size);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static boolean isBlockDevice(Path path) throws IOException {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ((Integer) Files.getAttribute(path, "unix:mode") & FILE_KIND) == BLOCK_DEVICE;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long bytes() {
    return (fileBytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, byte[] target, int count) throws IOException {
    int inFile = (int) Math.max(0, Math.min(count, fileBytes - offset));
    Arrays.fill(target, inFile, count, (byte) 0);
    ByteBuffer rest = ByteBuffer.wrap(target, 0, inFile);
    long at = offset;
    while (rest.hasRemaining()) {
      int run = file.read(rest, at);
      if (run < 0) {
        throw new EOFException(name + " has become shorter");
      }
      at += run;
    }
  }

  @Override
  public void write(long offset, byte[] source, int count) throws IOException {
    throw new IOException(name + " is read-only");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
