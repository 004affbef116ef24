package dev.kmemu.vm.page;

import org.jspecify.annotations.Nullable;

/**
 * A PV entry as its page sees it: one managed mapping. Intrusive and reused, so that entering a
 * page allocates nothing; the physical map adds what it needs.
 */
public abstract class PvEntry {

  /** The mapped address. */
  public long va;

  /** The mapped page; null on the free list. */
  public @Nullable VmPage page;

  @Nullable PvEntry nextOnPage;

  /** The entry before; of the first entry, the last one. */
  @Nullable PvEntry prevOnPage;

  /** Creates an entry that maps nothing. */
  protected PvEntry() {}

  /** Returns the next mapping of the same page. */
  public @Nullable PvEntry nextOnPage() {
    return nextOnPage;
  }
}
