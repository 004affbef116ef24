package dev.kmemu.vm.page;

/** What the page layer needs of the physical maps. Callers hold {@code vm_token}. */
public interface PageMappings {

  /** {@code pmap_page_protect(m, VM_PROT_NONE)}: removes every managed mapping of the page. */
  void removeAll(VmPage page);

  /**
   * Removes every managed mapping of the page, as {@link #removeAll}, but leaves its translations
   * in the TLB: {@link #flush} must follow before the page is freed or the token is dropped.
   */
  void strip(VmPage page);

  /** {@code pmap_is_modified}: whether the CPU wrote through a managed mapping of the page. */
  boolean isModified(VmPage page);

  /**
   * {@code pmap_ts_referenced}: counts the managed mappings that were used since the last call, no
   * further than is worth knowing, and clears what it counted.
   */
  int tsReferenced(VmPage page);

  /** {@code pmap_page_protect(m, VM_PROT_READ)}: withdraws write access; M goes to the page. */
  void protectRead(VmPage page);

  /** Drops the translations of all pages stripped so far. */
  void flush();
}
