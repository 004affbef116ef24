package dev.kmemu.emulator.fault;

import dev.kmemu.emulator.virtio.DiskImage;
import java.io.IOException;

/** A disk that can't be read or written at times. */
public final class FaultyDisk implements DiskImage {

  private final DiskImage disk;
  private final FaultSite site;

  /**
   * Puts a fault in front of {@code disk}; its {@code at} is the sector that a request begins with.
   *
   * @throws IllegalArgumentException when it isn't one of disks
   */
  public FaultyDisk(DiskImage disk, DeviceFault fault) {
    this(disk, new FaultSite(fault));
    if (!fault.kind().isOfDisks()) {
      throw new IllegalArgumentException(fault.kind().id() + " is no fault of a disk");
    }
  }

  /** Puts the faults that {@code site} has at each moment in front of {@code disk}. */
  public FaultyDisk(DiskImage disk, FaultSite site) {
    this.disk = disk;
    this.site = site;
  }

  @Override
  public String name() {
    return disk.name();
  }

  @Override
  public long bytes() {
    return disk.bytes();
  }

  @Override
  public boolean isReadOnly() {
    return disk.isReadOnly();
  }

  @Override
  public void read(long offset, byte[] target, int count) throws IOException {
    check(FaultKind.FAIL_READ, offset);
    disk.read(offset, target, count);
  }

  @Override
  public void write(long offset, byte[] source, int count) throws IOException {
    check(FaultKind.FAIL_WRITE, offset);
    disk.write(offset, source, count);
  }

  private void check(FaultKind kind, long offset) throws IOException {
    if (site.strikes(kind, offset / 512)) {
      throw new IOException("a fault on purpose");
    }
  }
}
