package dev.kmemu.emulator.memory;

import java.util.Arrays;

/** Ranges of page numbers in ascending order. Belongs to one thread. */
public final class PageRuns {

  private long[] bounds = new long[16];
  private int used;

  /** Creates an empty set of ranges. */
  public PageRuns() {}

  /** Returns one range from 0 on. */
  public static PageRuns all(long pages) {
    PageRuns runs = new PageRuns();
    runs.used = 2;
    runs.bounds[1] = pages;
    return runs;
  }

  /** Adds a page above all that were added before. */
  public void add(long page) {
    if (used > 0 && bounds[used - 1] == page) {
      bounds[used - 1] = page + 1;
      return;
    }
    if (used == bounds.length) {
      bounds = Arrays.copyOf(bounds, 2 * used);
    }
    bounds[used++] = page;
    bounds[used++] = page + 1;
  }

  /** Returns the number of ranges. */
  public int count() {
    return used / 2;
  }

  /** Returns the first page of a range. */
  public long first(int run) {
    return bounds[2 * run];
  }

  /** Returns the page behind the last one of a range. */
  public long end(int run) {
    return bounds[2 * run + 1];
  }

  /** Returns the number of pages in all ranges. */
  public long pages() {
    long sum = 0;
    for (int i = 0; i < count(); i++) {
      sum += end(i) - first(i);
    }
    return sum;
  }
}
