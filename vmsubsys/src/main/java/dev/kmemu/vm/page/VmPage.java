package dev.kmemu.vm.page;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.VmArith;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_page}: what the kernel knows of one physical page. All state is guarded by {@code
 * vm_token}; writes outside this package go through {@link PageAllocator}, {@link PageState} and
 * the PV methods.
 *
 * <p>There is one for every page of RAM, so fields are as narrow as their values allow.
 */
public final class VmPage {

  /** {@code VM_PAGE_BITS_ALL}: all eight 512-byte blocks. */
  public static final int BITS_ALL = 0xFF;

  private final int frame;

  @Nullable VmPage nextOnQueue;
  @Nullable VmPage prevOnQueue;
  short queue = PageQueueIndex.NONE;

  @Nullable PageOwner owner;
  long pindex;

  int flags;
  int activity;
  short softBusy;
  int wireCount;
  int holdCount;
  short valid;
  short dirty;

  private @Nullable PvEntry pvHead;
  private int pvCount;

  VmPage(long physAddr) {
    this.frame = (int) (physAddr >>> VmArith.PAGE_SHIFT);
  }

  /**
   * {@code dev_pager_getfake}: a page for memory that the VM doesn't own. It counts as wired, which
   * keeps it off the queues.
   */
  public static VmPage fictitious(PhysicalAddress address) {
    VmPage page = new VmPage(address.value());
    page.flags = PageFlags.FICTITIOUS;
    page.wireCount = 1;
    page.valid = BITS_ALL;
    return page;
  }

  /** Returns the page's physical address, in a new object. */
  public PhysicalAddress address() {
    return new PhysicalAddress(physAddr());
  }

  /** {@code phys_addr}: the same as {@link #address()}, for hot paths. */
  public long physAddr() {
    return Integer.toUnsignedLong(frame) << VmArith.PAGE_SHIFT;
  }

  /** {@code pc}: the cache colour. */
  public int color() {
    return frame & PageQueueIndex.COLOR_MASK;
  }

  /** Returns the number of the queue the page is on, see {@link PageQueueIndex}. */
  public int queue() {
    return queue;
  }

  /** Whether the page is on a cache queue: clean, and free to be reused. */
  public boolean isCached() {
    return queue - color() == PageQueueIndex.CACHE;
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
    valid = (short) (all ? BITS_ALL : 0);
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

  /** {@code act_count}: how often the page was used lately, 0 to 64. */
  public int activity() {
    return activity;
  }

  /** Returns the first of the page's managed mappings. */
  public @Nullable PvEntry firstPv() {
    return pvHead;
  }

  /** {@code md.pv_list_count}. */
  public int pvCount() {
    return pvCount;
  }

  /** Links {@code pv} behind the page's other mappings and marks the page mapped. */
  public void addPv(PvEntry pv) {
    pv.page = this;
    append(pv);
    pvCount++;
    setFlag(PageFlags.MAPPED);
  }

  /** Unlinks {@code pv}; without a mapping left the page is neither mapped nor writeable. */
  public void removePv(PvEntry pv) {
    unlink(pv);
    pv.nextOnPage = null;
    pv.prevOnPage = null;
    pv.page = null;
    if (--pvCount == 0) {
      clearFlag(PageFlags.MAPPED | PageFlags.WRITEABLE);
    }
  }

  /** Moves {@code pv} behind the page's other mappings. */
  public void rotatePv(PvEntry pv) {
    unlink(pv);
    append(pv);
  }

  /** Forgets all PV entries, for a snapshot that knows others. */
  void dropPvs() {
    for (PvEntry pv = pvHead; pv != null; ) {
      PvEntry next = pv.nextOnPage;
      pv.page = null;
      pv.nextOnPage = null;
      pv.prevOnPage = null;
      pv = next;
    }
    pvHead = null;
    pvCount = 0;
  }

  private void append(PvEntry pv) {
    PvEntry head = pvHead;
    pv.nextOnPage = null;
    if (head == null) {
      pvHead = pv;
      pv.prevOnPage = pv;
      return;
    }
    PvEntry last = head.prevOnPage;
    if (last != null) {
      last.nextOnPage = pv;
    }
    pv.prevOnPage = last;
    head.prevOnPage = pv;
  }

  private void unlink(PvEntry pv) {
    PvEntry head = pvHead;
    PvEntry next = pv.nextOnPage;
    PvEntry previous = pv.prevOnPage;
    if (next != null) {
      next.prevOnPage = previous;
    } else if (head != null) {
      head.prevOnPage = previous;
    }
    if (pv == head) {
      pvHead = next;
    } else if (previous != null) {
      previous.nextOnPage = next;
    }
  }

  @Override
  public String toString() {
    String where = owner == null ? "" : String.format(", index 0x%x of %s", pindex, owner);
    return "page " + address() + where;
  }
}
