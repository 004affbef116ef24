package dev.kmemu.vm.page;

import dev.kmemu.emulator.memory.PhysicalAddress;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_page}: what the kernel knows of one physical page. All state is guarded by {@code
 * vm_token}; writes outside this package go through {@link PageAllocator}, {@link PageState} and
 * the PV methods.
 */
public final class VmPage {

  /** {@code VM_PAGE_BITS_ALL}: all eight 512-byte blocks. */
  public static final int BITS_ALL = 0xFF;

  private final PhysicalAddress address;
  final int color;

  @Nullable VmPage nextOnQueue;
  @Nullable VmPage prevOnQueue;
  int queue = PageQueueIndex.NONE;

  @Nullable PageOwner owner;
  long pindex;

  int flags;
  int activity;
  int softBusy;
  int wireCount;
  int holdCount;
  int valid;
  int dirty;

  private @Nullable PvEntry pvHead;
  private int pvCount;

  VmPage(long physAddr) {
    this.address = new PhysicalAddress(physAddr);
    this.color = (int) address.frameNumber() & PageQueueIndex.COLOR_MASK;
  }

  /** Returns the page's physical address. */
  public PhysicalAddress address() {
    return address;
  }

  /** {@code phys_addr}: the same as {@link #address()}, for hot paths. */
  public long physAddr() {
    return address.value();
  }

  /** {@code pc}: the cache colour. */
  public int color() {
    return color;
  }

  /** Returns the number of the queue the page is on, see {@link PageQueueIndex}. */
  public int queue() {
    return queue;
  }

  /** Whether the page is on a cache queue: clean, and free to be reused. */
  public boolean isCached() {
    return queue - color == PageQueueIndex.CACHE;
  }

  /** Returns the object that holds the page. */
  public @Nullable PageOwner owner() {
    return owner;
  }

  /** Returns the index in the object, unsigned. */
  public long pindex() {
    return pindex;
  }

  /** Whether any bit of {@code mask} is set; see {@link PageFlags}. */
  public boolean has(int mask) {
    return (flags & mask) != 0;
  }

  /** {@code vm_page_flag_set}. */
  public void setFlag(int mask) {
    flags |= mask;
  }

  /** {@code vm_page_flag_clear}. */
  public void clearFlag(int mask) {
    flags &= ~mask;
  }

  /** Whether the page is hard or soft busy. */
  public boolean isBusy() {
    return softBusy != 0 || has(PageFlags.BUSY);
  }

  /** Returns the number of wired entries that map the page. */
  public int wireCount() {
    return wireCount;
  }

  /** Returns the number of holds that keep the page's contents. */
  public int holdCount() {
    return holdCount;
  }

  /** Returns the valid 512-byte blocks, one bit each. */
  public int valid() {
    return valid;
  }

  /** Marks the whole page valid or invalid. */
  public void setValid(boolean all) {
    valid = all ? BITS_ALL : 0;
  }

  /** Returns the dirty 512-byte blocks, one bit each. */
  public int dirty() {
    return dirty;
  }

  /** {@code vm_object_set_writeable_dirty}: notes in the object that the page may be written. */
  public void noteWriteable() {
    if (owner != null) {
      owner.noteWriteable();
    }
  }

  /** {@code vm_page_dirty} for a page that is on neither a free nor a cache queue. */
  public void markDirty() {
    dirty = BITS_ALL;
    noteWriteable();
  }

  /** Returns the first of the page's managed mappings. */
  public @Nullable PvEntry firstPv() {
    return pvHead;
  }

  /** {@code md.pv_list_count}. */
  public int pvCount() {
    return pvCount;
  }

  /** Links {@code pv} to the page and marks the page mapped. */
  public void addPv(PvEntry pv) {
    pv.page = this;
    pv.prevOnPage = null;
    pv.nextOnPage = pvHead;
    if (pvHead != null) {
      pvHead.prevOnPage = pv;
    }
    pvHead = pv;
    pvCount++;
    setFlag(PageFlags.MAPPED);
  }

  /** Unlinks {@code pv}; without a mapping left the page is neither mapped nor writeable. */
  public void removePv(PvEntry pv) {
    PvEntry next = pv.nextOnPage;
    PvEntry previous = pv.prevOnPage;
    if (next != null) {
      next.prevOnPage = previous;
    }
    if (previous != null) {
      previous.nextOnPage = next;
    } else {
      pvHead = next;
    }
    pv.nextOnPage = null;
    pv.prevOnPage = null;
    pv.page = null;
    if (--pvCount == 0) {
      clearFlag(PageFlags.MAPPED | PageFlags.WRITEABLE);
    }
  }

  @Override
  public String toString() {
    return "page " + address;
  }
}
