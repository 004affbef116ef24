package dev.kmemu.emulator.virtio;

import java.io.IOException;

/** A disk that is an array. */
final class MemoryDisk implements DiskImage {

  final byte[] contents;
  private final boolean readOnly;

  MemoryDisk(int bytes, boolean readOnly) {
    this.contents = new byte[bytes];
    this.readOnly = readOnly;
    for (int i = 0; i < bytes; i++) {
      contents[i] = (byte) (i * 31 + i / 512);
    }
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public long bytes() {
    return contents.length;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, byte[] target, int count) {
    System.arraycopy(contents, (int) offset, target, 0, count);
  }

  @Override
  public void write(long offset, byte[] source, int count) throws IOException {
    if (readOnly) {
      throw new IOException("read-only");
    }
    System.arraycopy(source, 0, contents, (int) offset, count);
  }
}
