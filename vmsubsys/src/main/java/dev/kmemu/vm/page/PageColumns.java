package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.Numbering;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * The captured state of all pages, in columns, because there are many: a page is the number of its
 * place. Captured and restored under {@code vm_token}. Not changed once it is captured or read.
 */
public final class PageColumns {

  private static final int HALF = 16;
  private static final int BYTE = 8;

  private final int[] owner;
  private final long[] pindex;
  private final int[] flags;
  private final int[] wireCount;
  private final int[] holdCount;

  /** The queue in the low half, the soft busy count in the high one. */
  private final int[] queueAndBusy;

  /** Valid, dirty, and in the high half the activity. */
  private final int[] blocks;

  /** How many PV entries each page has. */
  private final int[] pvCount;

  /** The numbers of the PV entries, page by page, in the order of each page. */
  private int[] pvs;

  /** How many pages each queue has. */
  private final int[] queueLength;

  /** The pages on queues, queue by queue, in their order. */
  private int[] queued;

  /** Creates columns of {@code pages} pages for {@link #exchange}. */
  public PageColumns(int pages) {
    owner = new int[pages];
    pindex = new long[pages];
    flags = new int[pages];
    wireCount = new int[pages];
    holdCount = new int[pages];
    queueAndBusy = new int[pages];
    blocks = new int[pages];
    pvCount = new int[pages];
    pvs = new int[0];
    queueLength = new int[PageQueueIndex.COUNT];
    queued = new int[0];
  }

  /** Returns the number of pages. */
  public int size() {
    return owner.length;
  }

  /** Hands a column over, or takes it: all that is kept, in a fixed order. */
  public interface Columns {
    /** Exchanges numbers whose amount is fixed. */
    void ints(int[] values);

    /** Exchanges numbers whose amount is fixed. */
    void longs(long[] values);

    /** Exchanges numbers; returns as many as there are. */
    int[] anyInts(int[] values);
  }

  /** Hands all columns over, or takes them. */
  public void exchange(Columns columns) {
    columns.ints(owner);
    columns.longs(pindex);
    columns.ints(flags);
    columns.ints(wireCount);
    columns.ints(holdCount);
    columns.ints(queueAndBusy);
    columns.ints(blocks);
    columns.ints(pvCount);
    pvs = columns.anyInts(pvs);
    columns.ints(queueLength);
    queued = columns.anyInts(queued);
  }

  /** Whether all references are to objects that exist: what was read may be anything. */
  public boolean isConsistent(int owners) {
    long pvSum = Arrays.stream(pvCount).asLongStream().sum();
    long queueSum = Arrays.stream(queueLength).asLongStream().sum();
    return isWithin(owner, -1, owners)
        && isWithin(pvCount, 0, Integer.MAX_VALUE)
        && isWithin(queueLength, 0, Integer.MAX_VALUE)
        && isWithin(pvs, 0, pvs.length)
        && isWithin(queued, 0, owner.length)
        && pvSum == pvs.length
        && queueSum == queued.length
        && Arrays.stream(queueAndBusy).allMatch(q -> (q & 0xFFFF) < PageQueueIndex.COUNT);
  }

  private static boolean isWithin(int[] values, int least, int end) {
    return Arrays.stream(values).allMatch(value -> value >= least && value < end);
  }

  /** Captures {@code pages}. */
  public static PageColumns of(
      Numbering<VmPage> pages,
      PageQueues queues,
      ToIntFunction<PageOwner> owners,
      ToIntFunction<PvEntry> pvNumbers) {
    PageColumns columns = new PageColumns(pages.size());
    int pvTotal = 0;
    for (int i = 0; i < pages.size(); i++) {
      VmPage page = pages.get(i);
      PageOwner of = page.owner;
      columns.owner[i] = of == null ? -1 : owners.applyAsInt(of);
      columns.pindex[i] = page.pindex;
      columns.flags[i] = page.flags;
      columns.wireCount[i] = page.wireCount;
      columns.holdCount[i] = page.holdCount;
      columns.queueAndBusy[i] = (page.queue & 0xFFFF) | (page.softBusy << HALF);
      columns.blocks[i] = page.valid | (page.dirty << BYTE) | (page.activity << HALF);
      columns.pvCount[i] = page.pvCount();
      pvTotal += page.pvCount();
    }
    columns.pvs = new int[pvTotal];
    int at = 0;
    for (int i = 0; i < pages.size(); i++) {
      for (PvEntry pv = pages.get(i).firstPv(); pv != null; pv = pv.nextOnPage()) {
        columns.pvs[at++] = pvNumbers.applyAsInt(pv);
      }
    }
    columns.captureQueues(pages, queues);
    return columns;
  }

  private void captureQueues(Numbering<VmPage> pages, PageQueues queues) {
    int total = 0;
    for (int queue = 0; queue < queueLength.length; queue++) {
      queueLength[queue] = queues.length(queue);
      total += queueLength[queue];
    }
    queued = new int[total];
    int at = 0;
    for (int queue = 0; queue < queueLength.length; queue++) {
      for (VmPage page = queues.first(queue); page != null; page = PageQueues.next(page)) {
        queued[at++] = pages.of(page);
      }
    }
  }

  /** Makes the pages forget their PV entries, all before the first is used again. */
  public static void dropPvs(VmPage[] pages) {
    for (VmPage page : pages) {
      if (page.firstPv() != null) {
        page.dropPvs();
      }
    }
  }

  /**
   * Gives the pages their state back, which have no PV entries. The counters aren't touched.
   *
   * @param pages in the order of their numbers
   */
  public void restore(
      VmPage[] pages,
      PageQueues queues,
      IntFunction<? extends PageOwner> owners,
      PvEntry[] pvEntries) {
    int pv = 0;
    for (int i = 0; i < pages.length; i++) {
      VmPage page = pages[i];
      PageOwner of = owner[i] < 0 ? null : owners.apply(owner[i]);
      // What stays needn't be written: most pages stay, and references cost the collector's marks.
      if (page.owner != of) {
        page.owner = of;
      }
      page.pindex = pindex[i];
      page.wireCount = wireCount[i];
      page.holdCount = holdCount[i];
      page.softBusy = (short) (queueAndBusy[i] >> HALF);
      page.valid = (short) (blocks[i] & 0xFF);
      page.dirty = (short) ((blocks[i] >> BYTE) & 0xFF);
      page.activity = blocks[i] >>> HALF;
      for (int end = pv + pvCount[i]; pv < end; pv++) {
        page.addPv(pvEntries[pvs[pv]]);
      }
      page.flags = flags[i];
      page.queue = (short) queueAndBusy[i];
      if (page.queue == PageQueueIndex.NONE) {
        PageQueue.link(page, null, null);
      }
    }
    int at = 0;
    for (int queue = 0; queue < queueLength.length; queue++) {
      queues.relink(queue, pages, queued, at, queueLength[queue]);
      at += queueLength[queue];
    }
  }
}
