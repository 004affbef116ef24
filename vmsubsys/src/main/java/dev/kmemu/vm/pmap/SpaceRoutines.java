package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;

/**
 * The machine-dependent routines on one physical map. The caller holds {@code vm_token}, and what a
 * routine changed must be visible to the CPU when it returns: translations that the change made
 * stale are gone from the TLB, if {@link Pmap#isActive} or in kernel space.
 */
public interface SpaceRoutines {

  /**
   * {@code pmap_pinit}: makes the root table of a user map. Its slots {@link KvaLayout#DMAP_SLOT}
   * and {@link KvaLayout#KERNEL_SLOT} are the kernel's, {@link KvaLayout#RECURSIVE_SLOT} maps the
   * root itself, the others are empty.
   *
   * @param tables the map's {@code pm_pteobj}, empty: takes every page-table page of the map, and
   *     the root at {@link Pmap#ROOT_INDEX}
   * @return the page of the root; the map's first resident page is counted by the caller
   */
  VmPage pinit(dev.kmemu.vm.object.VmObject tables);

  /**
   * {@code pmap_release}: frees the root, and whatever tables are left, of a map without mappings
   * that isn't active.
   *
   * @throws KernelPanic while a mapping is left
   */
  void release(Pmap pmap);

  /**
   * {@code pmap_enter}: maps {@code page} at {@code va} with READ and EXECUTE, and with WRITE if
   * asked; user addresses also for ring 3, kernel addresses never. The entry has {@link PteBits#A},
   * and {@link PteBits#W} iff {@code wired}. What is there already is replaced: the same page's
   * mapping without a second accounting, another page's as by {@link #remove}. May sleep for page
   * tables of a user address before it looks at the entry.
   *
   * @param va page aligned
   * @param prot bits of {@link VmProt}
   * @throws KernelPanic without a page table for a kernel address, or where a 2 MiB page is mapped
   */
  void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired);

  /**
   * {@code pmap_remove}: unmaps [start, end), wired mappings too. A and M of managed mappings go to
   * their pages; user tables that are empty then are freed. A 2 MiB page in the range goes as a
   * whole. The time depends on the tables that there are, not on the length.
   */
  void remove(Pmap pmap, long start, long end);

  /** {@code pmap_remove_pages}: unmaps the managed mappings of [start, end) that aren't wired. */
  void removePages(Pmap pmap, long start, long end);

  /**
   * {@code pmap_protect}: without READ removes, without WRITE withdraws write access, else nothing.
   * A and M of managed mappings go to their pages; that a mapping is wired stays.
   */
  void protect(Pmap pmap, long start, long end, int prot);

  /**
   * {@code pmap_change_wiring}: of a mapping that exists; changes no translation.
   *
   * @throws KernelPanic when {@code va} has no page table
   */
  void changeWiring(Pmap pmap, long va, boolean wired);

  /** {@code pmap_extract}: the physical address {@code va} is mapped to, 0 when it isn't mapped. */
  long extract(Pmap pmap, long va);
}
