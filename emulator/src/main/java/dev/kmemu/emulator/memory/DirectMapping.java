package dev.kmemu.emulator.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** RAM from the JVM itself, committed at once: for page tables that no CPU walks. */
public final class DirectMapping implements HostMapping {

  private final List<ByteBuffer> buffers;
  private final long size;
  private final RamImaging imaging;

  /** Allocates {@code size} bytes of zeroed memory. */
  public DirectMapping(long size) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long left = size; left > 0; left -= 1L << BUFFER_SHIFT) {
      pieces.add(ByteBuffer.allocateDirect((int) Math.min(left, 1L << BUFFER_SHIFT)));
    }
    this.buffers = List.copyOf(pieces);
    this.size = size;
    this.imaging = new CopiedRam(buffers, size);
  }

  /**
   * No engine can map this memory.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public long hostAddress() {
    throw new UnsupportedOperationException("memory of the JVM can't be handed to a CPU engine");
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

  @Override
  public void discard() {}
}
