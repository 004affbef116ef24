package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * PV entries: for each managed mapping one, in the list of its page and in that of its physical
 * map. Allocation free in the long run. Callers hold {@code vm_token}.
 */
public final class PvLists {

  private PvLists() {}

  /** {@code pmap_insert_entry}: notes a mapping and marks the page mapped. */
  public static void insert(Pmap pmap, VmPage page, long va) {
    page.addPv(pmap.entries().add(va));
  }

  /**
   * {@code pmap_remove_entry}: forgets the mapping of {@code page} at {@code va}.
   *
   * @throws KernelPanic when there is none
   */
  public static void remove(Pmap pmap, VmPage page, long va) {
    PmapPv pv = find(pmap, page, va);
    if (pv == null) {
      throw KernelPanic.at("pmap_remove_entry: no PV entry", pmap, va, page.toString());
    }
    remove(page, pv);
  }

  /** Forgets a mapping of {@code page}; without one left it is neither mapped nor writeable. */
  public static void remove(VmPage page, PmapPv pv) {
    Pmap pmap = pv.pmap();
    page.removePv(pv);
    pmap.entries().remove(pv);
  }

  /** Looks through the lists of the page and of the map at once, so that the shorter way counts. */
  private static @Nullable PmapPv find(Pmap pmap, VmPage page, long va) {
    PmapPv ofPmap = pmap.firstPv();
    for (PvEntry pv = page.firstPv(); pv != null && ofPmap != null; pv = pv.nextOnPage()) {
      if (pv.va == va && ((PmapPv) pv).owner == pmap) {
        return (PmapPv) pv;
      }
      if (ofPmap.va == va && ofPmap.page == page) {
        return ofPmap;
      }
      ofPmap = ofPmap.nextOnPmap();
    }
    return null;
  }
}
