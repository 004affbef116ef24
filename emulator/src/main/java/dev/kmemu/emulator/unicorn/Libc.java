package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The C library's calls on memory. */
final class Libc {

  static final int PROT_READ = 1;
  static final int PROT_READ_WRITE = 3;
  static final int MAP_SHARED = 1;
  static final int MAP_PRIVATE = 2;
  static final int MAP_FIXED = 0x10;
  static final int MAP_ANONYMOUS = Platform.isMac() ? 0x1000 : 0x20;
  static final int MAP_NORESERVE = Platform.isMac() ? 0x40 : 0x4000;
  static final int MADV_DONTNEED = 4;

  private static final Cleaner CLEANER = Cleaner.create();

  static {
    Native.register(Libc.class, Platform.C_LIBRARY_NAME);
  }

  private Libc() {}

  static native long mmap(long address, long length, int prot, int flags, int fd, long offset)
      throws LastErrorException;

  static native int mprotect(long address, long length, int prot) throws LastErrorException;

  static native int munmap(long address, long length);

  static native int madvise(long address, long length, int advice);

  static native int ftruncate(int fd, long length) throws LastErrorException;

  static native long pwrite(int fd, long buffer, long count, long offset) throws LastErrorException;

  static native int close(int fd);

  /**
   * Views a mapping as buffers of {@code 1 << shift} bytes, the last one shorter. The buffers hold
   * the memory: each piece is unmapped when its buffer is unreachable.
   */
  static List<ByteBuffer> ownedBuffers(long address, long size, int shift) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long at = 0; at < size; at += 1L << shift) {
      long length = Math.min(size - at, 1L << shift);
      ByteBuffer piece = new Pointer(address + at).getByteBuffer(0, length);
      CLEANER.register(piece, new Unmap(address + at, length));
      pieces.add(piece);
    }
    return List.copyOf(pieces);
  }

  private record Unmap(long address, long size) implements Runnable {
    @Override
    public void run() {
      munmap(address, size);
    }
  }
}
