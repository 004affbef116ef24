package dev.kmemu.emulator.virtio;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is a disk byte for byte. It is never written. */
public final class RawImage implements DiskImage, AutoCloseable {

  private final String name;
  private final FileChannel file;
  private final long bytes;

  private RawImage(String name, FileChannel file, long bytes) {
    this.name = name;
    this.file = file;
    this.bytes = bytes;
  }

  /**
   * Opens a file.
   *
   * @throws IOException when it can't be read
   */
  public static RawImage open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new RawImage(String.valueOf(path.getFileName()), file, file.size());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, byte[] target, int count) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(target, 0, count);
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
