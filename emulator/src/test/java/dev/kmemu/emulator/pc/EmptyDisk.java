package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.virtio.DiskImage;
import java.io.IOException;
import java.util.Arrays;

/** A disk of zeros that stay. */
record EmptyDisk(long bytes) implements DiskImage {

  @Override
  public String name() {
    return "empty";
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, byte[] target, int count) {
    Arrays.fill(target, 0, count, (byte) 0);
  }

  @Override
  public void write(long offset, byte[] source, int count) throws IOException {
    throw new IOException("read-only");
  }
}
