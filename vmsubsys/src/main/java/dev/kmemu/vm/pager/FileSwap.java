package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.VmArith;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Swap in a file that nobody else may use meanwhile. A file that isn't there is created and deleted
 * at the end; one that is there must be as large as the swap, is overwritten, and stays.
 *
 * <p>The file is read and written by calls that a Java interrupt doesn't break, as it would a
 * channel's.
 */
final class FileSwap implements SwapSpace {

  private final Path path;
  private final int pages;
  private final boolean created;
  private final RandomAccessFile file;
  private boolean closed;

  private FileSwap(Path path, int pages, boolean created, RandomAccessFile file) {
    this.path = path;
    this.pages = pages;
    this.created = created;
    this.file = file;
  }

  /**
   * Opens or creates the file.
   *
   * @throws SwapUnavailableException when it is too small, in use, or can't be opened or created
   */
  static FileSwap open(Path path, int pages) {
    long bytes = pages * VmArith.PAGE_SIZE;
    boolean create = !Files.exists(path);
    String what = "the swap file " + path;
    if (!create && !Files.isRegularFile(path)) {
      throw new SwapUnavailableException(what + " isn't a regular file: name another", null);
    }
    try {
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
      try {
        prepare(file, path, create, bytes);
        return new FileSwap(path, pages, create, file);
      } catch (IOException | RuntimeException e) {
        close(file, create ? path : null);
        throw e;
      }
    } catch (IOException e) {
      throw new SwapUnavailableException(
          String.format(
              "%s of %d bytes can't be %s (%s): name a file in a directory that can be written",
              what, bytes, create ? "created" : "opened", e.getMessage()),
          e);
    }
  }

  private static void prepare(RandomAccessFile file, Path path, boolean create, long bytes)
      throws IOException {
    if (!lock(file)) {
      throw new SwapUnavailableException(
          "the swap file " + path + " is in use by another machine: name one for each", null);
    }
    if (create) {
      long room = Files.getFileStore(path).getUsableSpace();
      if (room < bytes) {
        throw new SwapUnavailableException(
            String.format(
                "the swap file %s needs %d bytes, its file system has %d left: ask for %d pages at"
                    + " most, or name a file elsewhere",
                path, bytes, room, room >>> VmArith.PAGE_SHIFT),
            null);
      }
      file.setLength(bytes);
    } else if (file.length() < bytes) {
      throw new SwapUnavailableException(
          String.format(
              "the swap file %s has %d bytes, %d are needed: delete it to have it created, or ask"
                  + " for %d pages at most",
              path, file.length(), bytes, file.length() >>> VmArith.PAGE_SHIFT),
          null);
    }
  }

  private static boolean lock(RandomAccessFile file) throws IOException {
    try {
      FileLock lock = file.getChannel().tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public void read(int slot, byte[] page) throws IOException {
    file.seek(slot * VmArith.PAGE_SIZE);
    file.readFully(page, 0, (int) VmArith.PAGE_SIZE);
  }

  @Override
  public void write(int slot, byte[] page) throws IOException {
    file.seek(slot * VmArith.PAGE_SIZE);
    file.write(page, 0, (int) VmArith.PAGE_SIZE);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      close(file, created ? path : null);
    }
  }

  /** What was in the file is worthless by now, so that a failure to end it harms nobody. */
  private static void close(RandomAccessFile file, @Nullable Path toDelete) {
    try (file) {
      if (toDelete != null) {
        Files.deleteIfExists(toDelete);
      }
    } catch (IOException e) {
      // The file stays.
    }
  }
}
