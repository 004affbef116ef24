package dev.kmemu.emulator.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Images by plain copies, for memory that the host can't map a second time. */
public final class CopiedRam implements RamImaging {

  private static final int PAGE = VirtualAddress.PAGE_SIZE;
  private static final int SHIFT = HostMapping.BUFFER_SHIFT - VirtualAddress.PAGE_SHIFT;
  private static final byte[] ZEROES = new byte[PAGE];

  private final List<ByteBuffer> buffers;
  private final long size;

  /** Works on {@code buffers}, laid out as {@link HostMapping#buffers} says. */
  public CopiedRam(List<ByteBuffer> buffers, long size) {
    this.buffers = buffers.stream().map(ByteBuffer::duplicate).toList();
    this.size = size;
  }

  @Override
  public BitSet occupied() {
    BitSet all = new BitSet();
    all.set(0, (int) (size / PAGE));
    return all;
  }

  @Override
  public RamImage copy() {
    Image image = new Image(size);
    for (long page = 0; page < size / PAGE; page++) {
      if (!ZeroScan.isZero(buffer(page), offset(page), PAGE)) {
        byte[] contents = new byte[PAGE];
        buffer(page).get(offset(page), contents);
        image.pages.put(page, contents);
      }
    }
    return image;
  }

  @Override
  public RamImage capture() {
    return copy();
  }

  @Override
  public RamImage.Builder newImage() {
    Image image = new Image(size);
    return new RamImage.Builder() {
      @Override
      public void put(long page, byte[] source, int offset) {
        byte[] contents = Arrays.copyOfRange(source, offset, offset + PAGE);
        if (!Arrays.equals(contents, ZEROES)) {
          image.pages.put(page, contents);
        }
      }

      @Override
      public RamImage finish() {
        return image;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public PageRuns restore(RamImage image) {
    if (!(image instanceof Image own) || own.size != size) {
      throw new IllegalArgumentException("the image isn't one of this RAM of " + size + " bytes");
    }
    PageRuns changed = new PageRuns();
    for (long page = 0; page < size / PAGE; page++) {
      byte @Nullable [] wanted = own.pages.get(page);
      byte[] contents = wanted == null ? ZEROES : wanted;
      int at = offset(page);
      if (buffer(page).slice(at, PAGE).mismatch(ByteBuffer.wrap(contents)) >= 0) {
        buffer(page).put(at, contents);
        changed.add(page);
      }
    }
    return changed;
  }

  private ByteBuffer buffer(long page) {
    return buffers.get((int) (page >>> SHIFT));
  }

  private static int offset(long page) {
    return (int) (page & ((1 << SHIFT) - 1)) * PAGE;
  }

  private static final class Image implements RamImage {

    private final long size;
    private final TreeMap<Long, byte[]> pages = new TreeMap<>();

    Image(long size) {
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public long nextPage(long page) {
      Map.@Nullable Entry<Long, byte[]> next = pages.ceilingEntry(page);
      return next == null ? -1 : next.getKey();
    }

    @Override
    public void read(long page, byte[] target, int offset) {
      byte @Nullable [] contents = pages.get(page);
      System.arraycopy(contents == null ? ZEROES : contents, 0, target, offset, PAGE);
    }

    @Override
    public void close() {}
  }
}
