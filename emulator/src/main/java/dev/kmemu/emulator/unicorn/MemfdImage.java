package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.RamImage;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** An image in a sparse file of the host's memory, which guest RAM may be a private view of. */
final class MemfdImage implements RamImage {

  private static final int PAGE = 4096;
  private static final int SHIFT = HostMapping.BUFFER_SHIFT - 12;
  private static final byte[] ZEROES = new byte[PAGE];
  private static final Cleaner CLEANER = Cleaner.create();

  private final long size;
  private final int file;
  private final long view;
  private final List<ByteBuffer> buffers;
  private final BitSet pages = new BitSet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Creates an image that is all zero.
   *
   * @throws LastErrorException when the host has no such files, or no room
   */
  MemfdImage(long size) {
    this.size = size;
    file = Linux.memfd_create("kmemu-snapshot", Linux.MFD_CLOEXEC);
    try {
      Libc.ftruncate(file, size);
      view = Libc.mmap(0, size, Libc.PROT_READ, Libc.MAP_SHARED | Libc.MAP_NORESERVE, file, 0);
    } catch (LastErrorException e) {
      Libc.close(file);
      throw e;
    }
    buffers = Libc.ownedBuffers(view, size, HostMapping.BUFFER_SHIFT);
    CLEANER.register(this, new CloseFile(file, closed));
  }

  /** Returns the descriptor, for a mapping. */
  int file() {
    requireOpen();
    return file;
  }

  /** Returns the pages that aren't zero; not to be changed. */
  BitSet pages() {
    return pages;
  }

  /** Writes pages that lie in a row in memory. */
  void write(long page, long source, long count) {
    long bytes = count * PAGE;
    for (long done = 0; done < bytes; ) {
      done += Libc.pwrite(file, source + done, bytes - done, page * PAGE + done);
    }
    pages.set((int) page, (int) (page + count));
  }

  /** Copies a page into a piece of guest RAM. A page that isn't there would come to be if read. */
  void copyTo(long page, ByteBuffer target, int offset) {
    if (!pages.get((int) page)) {
      target.put(offset, ZEROES);
      return;
    }
    target.put(offset, buffers.get((int) (page >>> SHIFT)), offset(page), PAGE);
  }

  static int offset(long page) {
    return (int) (page & ((1 << SHIFT) - 1)) * PAGE;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long nextPage(long page) {
    requireOpen();
    return pages.nextSetBit((int) page);
  }

  @Override
  public void read(long page, byte[] target, int offset) {
    requireOpen();
    if (pages.get((int) page)) {
      buffers.get((int) (page >>> SHIFT)).get(offset(page), target, offset, PAGE);
    } else {
      Arrays.fill(target, offset, offset + PAGE, (byte) 0);
    }
  }

  /** The memory goes back at once, while a late reader finds zeroes. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Libc.mmap(
          view,
          size,
          Libc.PROT_READ,
          Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE | Libc.MAP_FIXED,
          -1,
          0);
      Libc.close(file);
    }
  }

  void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the snapshot is closed");
    }
  }

  private record CloseFile(int file, AtomicBoolean closed) implements Runnable {
    @Override
    public void run() {
      if (closed.compareAndSet(false, true)) {
        Libc.close(file);
      }
    }
  }

  /** Fills an image page by page. */
  static final class Filling implements RamImage.Builder {

    private final MemfdImage image;
    private final Memory buffer = new Memory(PAGE);
    private boolean finished;

    Filling(long size) {
      image = new MemfdImage(size);
    }

    @Override
    public void put(long page, byte[] source, int offset) {
      buffer.write(0, source, offset, PAGE);
      image.write(page, Pointer.nativeValue(buffer), 1);
    }

    @Override
    public RamImage finish() {
      finished = true;
      return image;
    }

    @Override
    public void close() {
      buffer.close();
      if (!finished) {
        image.close();
      }
    }
  }
}
