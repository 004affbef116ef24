package dev.kmemu.vm.page;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;

/**
 * Changes of a page's state other than allocation: busy, wiring, activity, contents ({@code
 * sys/vm/vm_page.c}). Callers hold {@code vm_token}.
 */
public final class PageState {

  private static final int ACT_DECLINE = 1;
  private static final int ACT_ADVANCE = 3;
  private static final int ACT_INIT = 5;
  private static final int ACT_MAX = 64;

  private final VmStats stats;
  private final PageQueues queues;
  private final SleepQueue sleepQueue;
  private final PageMappings mappings;
  private final PhysicalMemory ram;
  private final PageShortage shortage;

  /** Creates the operations over the given queues and mappings. */
  public PageState(
      VmStats stats,
      PageQueues queues,
      SleepQueue sleepQueue,
      PageMappings mappings,
      PhysicalMemory ram,
      PageShortage shortage) {
    this.stats = stats;
    this.queues = queues;
    this.sleepQueue = sleepQueue;
    this.mappings = mappings;
    this.ram = ram;
    this.shortage = shortage;
  }

  /** {@code vm_page_busy}. */
  public void busy(VmPage page) {
    if (page.has(PageFlags.BUSY)) {
      throw new KernelPanic("vm_page_busy: page already busy!!!", page.toString());
    }
    page.setFlag(PageFlags.BUSY);
  }

  /** {@code vm_page_wakeup}: ends the busy state and wakes those who wait for it. */
  public void wakeup(VmPage page) {
    if (!page.has(PageFlags.BUSY)) {
      throw new KernelPanic("vm_page_wakeup: page not busy!!!", page.toString());
    }
    page.clearFlag(PageFlags.BUSY);
    if (page.has(PageFlags.WANTED)) {
      page.clearFlag(PageFlags.WANTED);
      sleepQueue.wakeup(page);
    }
    shortage.pokeAfterObstacle();
  }

  /**
   * {@code vm_page_sleep_busy}: sleeps once if the page is busy.
   *
   * @return whether it slept, so that the page must be looked up again
   */
  public boolean sleepWhileBusy(VmPage page, String wmesg) {
    if (!page.isBusy()) {
      return false;
    }
    page.setFlag(PageFlags.WANTED | PageFlags.REFERENCED);
    sleepQueue.sleep(page, wmesg);
    return true;
  }

  /** {@code vm_page_wire}. */
  public void wire(VmPage page) {
    if (page.has(PageFlags.FICTITIOUS)) {
      return;
    }
    if (page.wireCount == 0) {
      if (!page.has(PageFlags.UNMANAGED)) {
        queues.remove(page);
      }
      stats.add(VmCounter.WIRE_COUNT, 1);
    }
    page.wireCount++;
  }

  /**
   * {@code vm_page_unwire}.
   *
   * @param activate whether the last unwire puts the page on the active queue, not the inactive one
   */
  public void unwire(VmPage page, boolean activate) {
    if (page.has(PageFlags.FICTITIOUS)) {
      return;
    }
    if (page.wireCount <= 0) {
      throw new KernelPanic(
          "vm_page_unwire: invalid wire count: " + page.wireCount, page.toString());
    }
    if (--page.wireCount == 0) {
      stats.add(VmCounter.WIRE_COUNT, -1);
      if (!page.has(PageFlags.UNMANAGED)) {
        queues.addTail(page, activate ? PageQueueIndex.ACTIVE : PageQueueIndex.INACTIVE);
        shortage.poke();
      }
    }
  }

  /** {@code vm_page_hold}. */
  public void hold(VmPage page) {
    page.holdCount++;
  }

  /** {@code vm_page_unqueue}. */
  public void unqueue(VmPage page) {
    queues.remove(page);
  }

  /** {@code vm_page_unmanage}: the page leaves the queues and is never paged out. */
  public void unmanage(VmPage page) {
    if (page.wireCount == 0 && !page.has(PageFlags.UNMANAGED)) {
      queues.remove(page);
    }
    page.setFlag(PageFlags.UNMANAGED);
  }

  /** {@code vm_page_activate}. */
  public void activate(VmPage page) {
    if (page.queue == PageQueueIndex.ACTIVE) {
      page.activity = Math.max(page.activity, ACT_INIT);
      return;
    }
    boolean unseen = page.queue == PageQueueIndex.NONE;
    countReactivation(page);
    queues.remove(page);
    if (page.wireCount == 0 && !page.has(PageFlags.UNMANAGED)) {
      page.activity = Math.max(page.activity, ACT_INIT);
      queues.addTail(page, PageQueueIndex.ACTIVE);
      if (unseen) {
        shortage.poke();
      }
    }
  }

  /** {@code vm_page_deactivate}: to the tail, the last to be reused. */
  public void deactivate(VmPage page) {
    deactivate(page, false);
  }

  /** {@code _vm_page_deactivate}. */
  void deactivate(VmPage page, boolean atHead) {
    if (page.queue == PageQueueIndex.INACTIVE
        || page.wireCount != 0
        || page.has(PageFlags.UNMANAGED)) {
      return;
    }
    boolean unseen = page.queue == PageQueueIndex.NONE;
    countReactivation(page);
    page.clearFlag(PageFlags.WINATCFLS);
    queues.remove(page);
    if (atHead) {
      queues.addHead(page, PageQueueIndex.INACTIVE);
    } else {
      queues.addTail(page, PageQueueIndex.INACTIVE);
    }
    if (unseen) {
      shortage.poke();
    }
  }

  private void countReactivation(VmPage page) {
    if (page.queue - page.color() == PageQueueIndex.CACHE) {
      stats.add(VmCounter.REACTIVATED, 1);
    }
  }

  /** Moves a page of the active or inactive queue to the tail. */
  public void requeue(VmPage page) {
    int queue = page.queue;
    if (queue != PageQueueIndex.NONE) {
      queues.remove(page);
      queues.addTail(page, queue);
    }
  }

  /** Raises {@code act_count} of a page that was used {@code references} times. */
  public void advance(VmPage page, int references) {
    page.activity = Math.min(page.activity + ACT_ADVANCE + references, ACT_MAX);
  }

  /** Lowers {@code act_count} of a page that wasn't used. */
  public void decline(VmPage page) {
    page.activity -= Math.min(page.activity, ACT_DECLINE);
  }

  /** {@code vm_page_dirty}. */
  public void dirty(VmPage page) {
    int base = page.queue - page.color();
    if (base == PageQueueIndex.FREE || base == PageQueueIndex.CACHE) {
      throw new KernelPanic("vm_page_dirty: page in cache!", page.toString());
    }
    page.markDirty();
  }

  /** {@code vm_page_test_dirty}: carries over what the CPU knows of a page that seems clean. */
  public void testDirty(VmPage page) {
    if (page.dirty() != VmPage.BITS_ALL && mappings.isModified(page)) {
      dirty(page);
    }
  }

  /** {@code vm_page_protect(m, VM_PROT_NONE)}. */
  public void protectNone(VmPage page) {
    if (page.has(PageFlags.MAPPED | PageFlags.WRITEABLE)) {
      mappings.removeAll(page);
    }
  }

  /** Removes the page's mappings, for many pages before one {@link #flushStripped}. */
  public void strip(VmPage page) {
    if (page.has(PageFlags.MAPPED | PageFlags.WRITEABLE)) {
      mappings.strip(page);
    }
  }

  /** Drops the translations of stripped pages; before any of them is freed. */
  public void flushStripped() {
    mappings.flush();
  }

  /** Whether every byte of the page is zero. */
  boolean isZero(VmPage page) {
    return ram.isZero(page.physAddr(), (int) VmArith.PAGE_SIZE);
  }

  /** {@code vm_page_copy}: copies contents, and neither flags nor valid bits. */
  public void copy(VmPage from, VmPage to) {
    ram.copy(from.physAddr(), to.physAddr(), (int) VmArith.PAGE_SIZE);
  }

  /** {@code vm_page_zero_fill}; touches neither flags nor valid bits. */
  public void zeroFill(VmPage page) {
    ram.zero(page.physAddr(), VmArith.PAGE_SIZE);
  }

  /**
   * Makes the contents zero. A page that claims to be is read, since whoever writes to RAM by its
   * physical address may have written to a free page; it is written only if the claim is false, so
   * that memory the host hasn't committed stays so.
   *
   * @return whether nothing had to be written
   */
  public boolean ensureZero(VmPage page) {
    if (page.has(PageFlags.ZERO) && isZero(page)) {
      return true;
    }
    zeroFill(page);
    return false;
  }
}
