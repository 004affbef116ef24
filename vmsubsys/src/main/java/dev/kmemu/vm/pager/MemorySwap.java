package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.VmArith;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Swap in the Java heap; a slot takes memory from its first write on. */
final class MemorySwap implements SwapSpace {

  private static final int PAGE_BYTES = (int) VmArith.PAGE_SIZE;

  private final int pages;
  private final Map<Integer, byte[]> slots = new HashMap<>();
  private boolean closed;

  MemorySwap(int pages) {
    this.pages = pages;
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public void read(int slot, byte[] page) throws IOException {
    checkOpen();
    byte[] stored = slots.get(slot);
    if (stored == null) {
      throw new IOException("swap slot " + slot + " was never written");
    }
    System.arraycopy(stored, 0, page, 0, PAGE_BYTES);
  }

  @Override
  public void write(int slot, byte[] page) throws IOException {
    checkOpen();
    byte[] stored = slots.computeIfAbsent(slot, s -> new byte[PAGE_BYTES]);
    System.arraycopy(page, 0, stored, 0, PAGE_BYTES);
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the swap space is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    slots.clear();
  }
}
