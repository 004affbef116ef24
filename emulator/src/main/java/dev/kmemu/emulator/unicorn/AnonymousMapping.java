package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.memory.HostMapping;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Anonymous private memory of the host, zero and committed page by page when it is first touched.
 */
public final class AnonymousMapping implements HostMapping {

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = Platform.isMac() ? 0x1000 : 0x20;
  private static final int MAP_NORESERVE = Platform.isMac() ? 0x40 : 0x4000;
  private static final int MADV_DONTNEED = 4;
  private static final Cleaner CLEANER = Cleaner.create();

  private final long address;
  private final long size;
  private final List<ByteBuffer> buffers;

  /**
   * Maps {@code size} bytes.
   *
   * @throws IllegalArgumentException when the host has no such address range to give
   */
  public AnonymousMapping(long size) {
    this.size = size;
    try {
      this.address =
          Libc.mmap(0, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    } catch (LastErrorException e) {
      throw new IllegalArgumentException(
          "the host can't map " + size + " bytes of guest RAM: " + e.getMessage(), e);
    }
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long at = 0; at < size; at += 1L << BUFFER_SHIFT) {
      long length = Math.min(size - at, 1L << BUFFER_SHIFT);
      ByteBuffer piece = new Pointer(address + at).getByteBuffer(0, length);
      // The buffers hold the memory, not the other way round: one is enough to keep its piece.
      CLEANER.register(piece, new Unmap(address + at, length));
      pieces.add(piece);
    }
    this.buffers = List.copyOf(pieces);
  }

  @Override
  public long hostAddress() {
    return address;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public List<ByteBuffer> buffers() {
    return buffers;
  }

  @Override
  public void discard() {
    Libc.madvise(address, size, MADV_DONTNEED);
  }

  private record Unmap(long address, long size) implements Runnable {
    @Override
    public void run() {
      Libc.munmap(address, size);
    }
  }

  private static final class Libc {
    static {
      Native.register(Libc.class, Platform.C_LIBRARY_NAME);
    }

    private Libc() {}

    static native long mmap(long address, long length, int prot, int flags, int fd, long offset)
        throws LastErrorException;

    static native int munmap(long address, long length);

    static native int madvise(long address, long length, int advice);
  }
}
