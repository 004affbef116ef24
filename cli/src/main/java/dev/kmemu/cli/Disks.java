package dev.kmemu.cli;

import dev.kmemu.emulator.virtio.CopyOnWriteImage;
import dev.kmemu.emulator.virtio.DiskImage;
import dev.kmemu.emulator.virtio.RawImage;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** The open files of the virtio disks. */
final class Disks implements AutoCloseable {

  /** With the console and the random numbers these take all lines that the PC has for virtio. */
  private static final int MOST_DISKS = 4;

  /** How much of a disk a guest can change: it is kept in memory. */
  private static final long MOST_CHANGES = 256L << 20;

  private final List<RawImage> files = new ArrayList<>();
  private final List<DiskImage> images = new ArrayList<>();

  private Disks() {}

  static Disks open(List<DiskOption.Disk> asked) {
    if (asked.size() > MOST_DISKS) {
      throw CommandException.usage(
          "--disk: " + asked.size() + " disks, a PC has up to " + MOST_DISKS + " (leave some out)",
          null);
    }
    Disks disks = new Disks();
    try {
      asked.forEach(disks::open);
      return disks;
    } catch (RuntimeException e) {
      disks.close();
      throw e;
    }
  }

  private void open(DiskOption.Disk disk) {
    try {
      RawImage file = RawImage.open(disk.file());
      files.add(file);
      images.add(
          disk.readOnly()
              ? file
              : new CopyOnWriteImage(String.valueOf(images.size()), file, MOST_CHANGES));
    } catch (IOException e) {
      throw CommandException.usage(
          "--disk: '" + disk.file() + "' can't be read: " + reason(e) + " (name a raw disk image)",
          e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return e instanceof AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }

  List<DiskImage> images() {
    return images;
  }

  @Override
  public void close() {
    for (RawImage file : files) {
      try {
        file.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }
}
