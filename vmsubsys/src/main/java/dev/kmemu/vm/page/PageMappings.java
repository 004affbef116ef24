package dev.kmemu.vm.page;

/** What the page layer needs of the physical maps. Callers hold {@code vm_token}. */
public interface PageMappings {

  /** {@code pmap_page_protect(m, VM_PROT_NONE)}: removes every managed mapping of the page. */
  void removeAll(VmPage page);
}
