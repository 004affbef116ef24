package dev.kmemu.conformance.scanning;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;

/** How many managed mappings each page has; where they are is found by a walk over all tables. */
final class ManagedPages {

  /** Sees a mapping of a page. */
  @FunctionalInterface
  interface Mapping {
    /** Receives it; false ends the search. */
    boolean visit(Pmap pmap, long va, long slot);
  }

  private record Place(Pmap pmap, long va, long slot) {}

  private final PmapContext context;
  private final TableWalk walk;
  private final long[] counts;

  ManagedPages(PmapContext context, TableWalk walk) {
    this.context = context;
    this.walk = walk;
    this.counts = new long[context.pages().size()];
  }

  static boolean isManaged(VmPage page) {
    return !page.has(PageFlags.FICTITIOUS | PageFlags.UNMANAGED);
  }

  static void harvest(VmPage page, long entry) {
    if ((entry & PteBits.M) != 0) {
      page.markDirty();
    }
    if ((entry & PteBits.A) != 0) {
      page.setFlag(PageFlags.REFERENCED);
    }
  }

  void note(VmPage page, int mappings) {
    int index = index(page);
    counts[index] += mappings;
    if (counts[index] == 0) {
      page.clearFlag(PageFlags.MAPPED | PageFlags.WRITEABLE);
    } else {
      page.setFlag(PageFlags.MAPPED);
    }
  }

  void noteWriteable(VmPage page) {
    page.setFlag(PageFlags.WRITEABLE);
  }

  void noteReadOnly(VmPage page) {
    page.clearFlag(PageFlags.WRITEABLE);
  }

  private int index(VmPage page) {
    return (int) ((page.physAddr() - context.pages().get(0).physAddr()) >>> TableWalk.PAGE);
  }

  /** Shows the mappings of a page: users first, then the kernel. */
  void forEach(VmPage page, Mapping mapping) {
    for (Place place : places(page)) {
      if (!mapping.visit(place.pmap, place.va, place.slot)) {
        return;
      }
    }
  }

  private List<Place> places(VmPage page) {
    List<Place> found = new ArrayList<>();
    long wanted = isManaged(page) ? counts[index(page)] : 0;
    for (int i = context.pmaps().size() - 1; i >= 0 && found.size() < wanted; i--) {
      Pmap pmap = context.pmaps().get(i);
      long start = pmap.isKernel() ? KvaLayout.KVA_START : 0;
      long last = pmap.isKernel() ? -1 : KvaLayout.USER_END - 1;
      walk.leaves(
          pmap.tables().pml4().value(),
          start,
          last,
          (va, slot, large) -> {
            long entry = walk.load(slot);
            boolean shown = !large && (entry & TableWalk.FRAME) == page.physAddr();
            if (shown && (entry & PteBits.MANAGED) != 0) {
              found.add(new Place(pmap, va, slot));
            }
            return found.size() < wanted;
          });
    }
    return found;
  }

  boolean isModified(VmPage page) {
    boolean[] modified = {false};
    forEach(
        page,
        (pmap, va, slot) -> {
          modified[0] = context.cleanMap().tracks(va) && (walk.load(slot) & PteBits.M) != 0;
          return !modified[0];
        });
    return modified[0];
  }

  /**
   * Clears bits of the page's entries until {@code most} of them had one.
   *
   * @param carries whether M goes to the page
   * @return how many had one
   */
  int clear(VmPage page, long bits, boolean carries, int most) {
    int[] had = {0};
    forEach(
        page,
        (pmap, va, slot) -> {
          long old = walk.change(slot, bits, 0);
          if (carries && (old & PteBits.M) != 0) {
            page.markDirty();
          }
          if ((old & bits) != 0) {
            had[0]++;
          }
          return had[0] < most;
        });
    context.tlb().invalidateAll();
    return had[0];
  }

  void exchange(StateExchange state) {
    state.exchange(counts);
  }
}
