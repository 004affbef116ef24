package dev.kmemu.vm.pmap;

/** Makes and ends the physical maps of user address spaces, each with a root table of its own. */
public interface UserPmaps {

  /** {@code pmap_pinit}: an empty map that shares the kernel's half of the address space. */
  Pmap pinit();

  /** {@code pmap_release}: gives the page tables of a map without mappings back. */
  void release(Pmap pmap);
}
