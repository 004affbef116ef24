package dev.kmemu.vm.pmap;

import dev.kmemu.vm.page.VmPage;

/**
 * The machine-dependent routines on one page, in whatever physical maps it is mapped. They see
 * managed mappings only: those that {@code pmap_enter} made of a page that is neither fictitious
 * nor unmanaged. The caller holds {@code vm_token}; bits that were cleared in an entry are cleared
 * for the CPU, too, when a routine returns.
 */
public interface PageRoutines {

  /**
   * {@code pmap_page_protect}: with WRITE nothing; with READ or EXECUTE withdraws write access,
   * carries M over to the page and clears {@code PG_WRITEABLE}; with NONE removes every mapping,
   * wired ones too, as {@code pmap_remove} does.
   */
  void pageProtect(VmPage page, int prot);

  /**
   * {@code pmap_page_protect} with NONE, whose flush may be put off until {@link #flush}. The
   * caller strips many pages, flushes once, and then frees them.
   */
  void strip(VmPage page);

  /** Drops the translations of all pages stripped so far. */
  void flush();

  /** {@code pmap_is_modified}: whether M is set in a mapping that {@link CleanMap} doesn't hide. */
  boolean isModified(VmPage page);

  /** {@code pmap_clear_modify}: clears M everywhere; it doesn't go to the page. */
  void clearModify(VmPage page);

  /** {@code pmap_clear_reference}: clears A everywhere. */
  void clearReference(VmPage page);

  /**
   * {@code pmap_ts_referenced}: clears A where it is set, until it has counted 5, and returns the
   * count.
   */
  int tsReferenced(VmPage page);
}
