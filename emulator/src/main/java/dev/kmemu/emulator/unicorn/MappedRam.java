package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.memory.RamImaging;
import dev.kmemu.emulator.memory.ZeroScan;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images of which guest RAM becomes a private view. What the guest writes after that are pages of
 * its own, which the host tells apart: to go back, they are overwritten with the image's, or given
 * up when there are many. RAM never moves.
 */
final class MappedRam implements RamImaging {

  private static final int PAGE = 4096;
  private static final int SHIFT = HostMapping.BUFFER_SHIFT - 12;

  /**
   * Up to so many pages are copied back and stay, as the next run will likely write them again, and
   * a page that is new to the guest costs ten times as much as a copy.
   */
  private static final int KEPT_PAGES = 4096;

  private final long address;
  private final long size;
  private final List<ByteBuffer> buffers;
  private final PageMap pageMap = new PageMap();
  private @Nullable MemfdImage base;

  MappedRam(long address, long size, List<ByteBuffer> buffers) {
    this.address = address;
    this.size = size;
    this.buffers = buffers.stream().map(ByteBuffer::duplicate).toList();
  }

  @Override
  public synchronized BitSet occupied() {
    BitSet pages = base == null ? new BitSet() : (BitSet) base.pages().clone();
    pageMap.visitPrivate(address, size, page -> pages.set((int) page));
    return pages;
  }

  @Override
  public synchronized RamImage copy() {
    return copyOf(occupied());
  }

  @Override
  public synchronized RamImage capture() {
    MemfdImage image = copyOf(occupied());
    mapOnto(image);
    return image;
  }

  @Override
  public RamImage.Builder newImage() {
    try {
      return new MemfdImage.Filling(size);
    } catch (LastErrorException e) {
      throw noRoom(e);
    }
  }

  @Override
  public synchronized PageRuns restore(RamImage image) {
    if (!(image instanceof MemfdImage own) || own.size() != size) {
      throw new IllegalArgumentException("the image isn't one of this RAM of " + size + " bytes");
    }
    own.requireOpen();
    if (own != base) {
      mapOnto(own);
      return PageRuns.all(size / PAGE);
    }
    PageRuns changed = new PageRuns();
    pageMap.visitPrivate(address, size, changed::add);
    if (changed.pages() > KEPT_PAGES) {
      Libc.madvise(address, size, Libc.MADV_DONTNEED);
    } else {
      copyBack(own, changed);
    }
    return changed;
  }

  private void copyBack(MemfdImage image, PageRuns runs) {
    for (int i = 0; i < runs.count(); i++) {
      for (long page = runs.first(i); page < runs.end(i); page++) {
        image.copyTo(page, buffers.get((int) (page >>> SHIFT)), MemfdImage.offset(page));
      }
    }
  }

  private MemfdImage copyOf(BitSet candidates) {
    MemfdImage image;
    try {
      image = new MemfdImage(size);
    } catch (LastErrorException e) {
      throw noRoom(e);
    }
    try {
      PageRuns runs = new PageRuns();
      for (int page = candidates.nextSetBit(0); page >= 0; page = candidates.nextSetBit(page + 1)) {
        if (!ZeroScan.isZero(buffers.get(page >>> SHIFT), MemfdImage.offset(page), PAGE)) {
          runs.add(page);
        }
      }
      for (int i = 0; i < runs.count(); i++) {
        image.write(runs.first(i), address + runs.first(i) * PAGE, runs.end(i) - runs.first(i));
      }
      return image;
    } catch (LastErrorException e) {
      image.close();
      throw noRoom(e);
    }
  }

  private void mapOnto(MemfdImage image) {
    try {
      Libc.mmap(
          address,
          size,
          Libc.PROT_READ_WRITE,
          Libc.MAP_PRIVATE | Libc.MAP_NORESERVE | Libc.MAP_FIXED,
          image.file(),
          0);
    } catch (LastErrorException e) {
      throw noRoom(e);
    }
    base = image;
  }

  private static IllegalStateException noRoom(LastErrorException e) {
    return new IllegalStateException("the host has no memory for a snapshot: " + e.getMessage(), e);
  }
}
