package dev.kmemu.vm.page;

import org.jspecify.annotations.Nullable;

/**
 * A PV entry: one managed mapping, found from its page and from its physical map. Intrusive and
 * reused, so that entering a page allocates nothing.
 */
public final class PvEntry {

  /** The mapped address. */
  public long va;

  /** The mapped page; null on the free list. */
  public @Nullable VmPage page;

  /** Links of the physical map's list; {@code nextOnPmap} also links the free list. */
  public @Nullable PvEntry nextOnPmap;

  public @Nullable PvEntry prevOnPmap;

  @Nullable PvEntry nextOnPage;
  @Nullable PvEntry prevOnPage;

  /** Returns the next mapping of the same page. */
  public @Nullable PvEntry nextOnPage() {
    return nextOnPage;
  }
}
