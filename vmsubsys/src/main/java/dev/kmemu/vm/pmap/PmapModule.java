package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.StateExchange;

/**
 * The machine-dependent half of a kernel's virtual memory, as {@code pmap(9)} has it: one of a
 * kernel's, which all its physical maps share. docs/vm.md has the contract as a whole.
 *
 * <p>What must hold between two calls, whatever the implementation: page tables in the format of
 * the SDM's 4-level paging (volume 3, 4.5), with the software bits of {@link PteBits}; a page is
 * {@code PG_MAPPED} iff it has a managed mapping, and {@code PG_WRITEABLE} if one is writable; the
 * counts of {@link PmapStatistics}; every table below a user map's root in {@link
 * Pmap#tableObject}, wired once.
 */
public interface PmapModule extends SpaceRoutines, PageRoutines, KernelRoutines {

  /** Returns what snapshots and messages call it: one that can't replace the other differs. */
  default String name() {
    return getClass().getName();
  }

  /**
   * Whether mappings have PV entries on their pages and maps, made with {@link PvLists}. If so the
   * invariants compare them with the page tables, and debuggers show them.
   */
  default boolean keepsPvLists() {
    return false;
  }

  /** Whether the hold count of a user map's table is the number of its entries. */
  default boolean holdsTables() {
    return false;
  }

  /**
   * Exchanges with a snapshot what isn't in page tables, {@link Pmap}, pages and objects. Nothing
   * unless overridden. The caller holds {@code vm_token}.
   */
  default void exchange(StateExchange state) {}
}
