package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Platform;
import dev.kmemu.emulator.memory.CopiedRam;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.RamImaging;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Anonymous private memory of the host, zero and committed page by page when it is first touched.
 */
public final class AnonymousMapping implements HostMapping {

  private static final int FRESH = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;

  private final long address;
  private final long size;
  private final List<ByteBuffer> buffers;
  private final RamImaging imaging;

  /**
   * Maps {@code size} bytes.
   *
   * @throws IllegalArgumentException when the host has no such address range to give
   */
  public AnonymousMapping(long size) {
    this.size = size;
    try {
      this.address = Libc.mmap(0, size, Libc.PROT_READ_WRITE, FRESH, -1, 0);
    } catch (LastErrorException e) {
      throw new IllegalArgumentException(
          "the host can't map " + size + " bytes of guest RAM: " + e.getMessage(), e);
    }
    this.buffers = Libc.ownedBuffers(address, size, BUFFER_SHIFT);
    this.imaging =
        Platform.isLinux() && PageMap.isReadable()
            ? new MappedRam(address, size, buffers)
            : new CopiedRam(buffers, size);
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
  public RamImaging imaging() {
    return imaging;
  }

  /** Also lets go of the image that the memory may be a view of. */
  @Override
  public void discard() {
    Libc.mmap(address, size, Libc.PROT_READ_WRITE, FRESH | Libc.MAP_FIXED, -1, 0);
  }
}
