package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * A physical map ({@code sys/platform/pc64/x86_64/pmap.c}): {@code kernel_pmap}, or the map of one
 * user address space, which shares the kernel's page directories. Managed and accounted mappings.
 * Takes {@code vm_token} itself. {@code pgeflag} is 0, as on SMP.
 */
public final class Pmap {

  /** {@code NUPDE}: page tables of the user half, at their number in {@link #tableObject}. */
  public static final long USER_TABLES = 1L << 26;

  /** {@code NUPDPE}: page directories of the user half, behind the page tables. */
  public static final long USER_DIRECTORIES = 1L << 17;

  /** The place of the root in {@link #tableObject}; directory pointers are before it. */
  public static final long ROOT_INDEX = USER_TABLES + USER_DIRECTORIES + KvaLayout.RECURSIVE_SLOT;

  private final String name;
  private final Token token;
  private final PageTables tables;
  private final PmapModule module;
  private final PmapMappings mappings;
  private final PmapStatistics statistics = new PmapStatistics();
  private final PvEntries entries;
  private final @Nullable VmObject tableObject;
  private final @Nullable VmPage root;
  private boolean active;
  private int count = 1;

  Pmap(
      String name,
      KernelPmap kernel,
      PageTables tables,
      @Nullable VmObject tableObject,
      @Nullable VmPage root) {
    this.name = name;
    this.token = kernel.token();
    this.module = kernel.module();
    this.mappings = kernel.mappings();
    this.tables = tables;
    this.tableObject = tableObject;
    this.root = root;
    this.entries = new PvEntries(this, kernel.zone());
  }

  /** Returns the page tables. */
  public PageTables tables() {
    return tables;
  }

  /** Returns the counts of mappings; read them under {@code vm_token}. */
  public PmapStatistics statistics() {
    return statistics;
  }

  /** Returns the operations on pages, whatever maps they are in: {@code pmap_page_protect}, ... */
  public PmapMappings mappings() {
    return mappings;
  }

  /** Whether mappings have PV entries, see {@link PmapModule#keepsPvLists}. */
  public boolean keepsPvLists() {
    return module.keepsPvLists();
  }

  /** Whether tables are held by their entries, see {@link PmapModule#holdsTables}. */
  public boolean holdsTables() {
    return module.holdsTables();
  }

  /** Returns the number of PV entries. */
  public int pvCount() {
    return entries.count();
  }

  /** Returns the first PV entry of {@code pm_pvlist}. */
  public @Nullable PmapPv firstPv() {
    return entries.first();
  }

  /** {@code pm_generation}: changes whenever a managed mapping comes or goes. */
  public int generation() {
    return entries.generation();
  }

  /** {@code pm_pteobj}: holds the table pages of a user map; null for {@code kernel_pmap}. */
  public @Nullable VmObject tableObject() {
    return tableObject;
  }

  /** {@code pm_active}: whether the CPU is on this map. Read it under {@code vm_token}. */
  public boolean isActive() {
    return active;
  }

  /** {@code pm_count}. */
  public int referenceCount() {
    return count;
  }

  /** {@code pmap_reference}. */
  public void reference() {
    token.get();
    count++;
    token.release();
  }

  /**
   * {@code pmap_destroy}: drops a reference that isn't the last.
   *
   * @throws KernelPanic for the last one: a user map ends with {@link UserPmaps#release}
   */
  public void destroy() {
    token.get();
    try {
      if (--count == 0) {
        throw new KernelPanic("destroying a pmap is not yet implemented", name);
      }
    } finally {
      token.release();
    }
  }

  /**
   * {@code pmap_enter}: maps {@code page} at {@code va}, which is truncated to its page. A mapping
   * that is there already changes its protection and wiring; another page's is removed first. For a
   * user address it may sleep until there is memory for page tables.
   *
   * @param prot bits of {@link VmProt}
   * @throws KernelPanic without a page table for a kernel address, or where a 2 MiB page is mapped
   */
  public void enter(long va, VmPage page, int prot, boolean wired) {
    token.get();
    try {
      module.enter(this, VmArith.truncPage(va), page, prot, wired);
    } finally {
      token.release();
    }
  }

  /** {@code pmap_remove}: unmaps [start, end); a 2 MiB page in it goes as a whole. */
  public void remove(long start, long end) {
    token.get();
    try {
      module.remove(this, start, end);
    } finally {
      token.release();
    }
  }

  /** {@code pmap_remove_pages}: unmaps the managed pages of [start, end) that aren't wired. */
  public void removePages(long start, long end) {
    token.get();
    try {
      module.removePages(this, start, end);
    } finally {
      token.release();
    }
  }

  /** {@code pmap_protect}: without READ removes, without WRITE withdraws write access. */
  public void protect(long start, long end, int prot) {
    token.get();
    try {
      module.protect(this, start, end, prot);
    } finally {
      token.release();
    }
  }

  /**
   * {@code pmap_change_wiring}: of a mapping that exists; changes no translation.
   *
   * @throws KernelPanic when {@code va} has no page table
   */
  public void changeWiring(long va, boolean wired) {
    token.get();
    try {
      module.changeWiring(this, va, wired);
    } finally {
      token.release();
    }
  }

  /**
   * {@code pmap_extract}: the physical address that {@code va} is mapped to, 0 when it isn't
   * mapped; never the bare page offset that upstream returns for an empty entry.
   */
  public long extract(long va) {
    token.get();
    try {
      return module.extract(this, va);
    } finally {
      token.release();
    }
  }

  /** Numbers the PV entries, for a snapshot. */
  public void numberPvs(Numbering<PvEntry> numbers) {
    entries.number(numbers);
  }

  /** Forgets all PV entries, which no page knows any more; for a snapshot that knows others. */
  public void dropPvs() {
    entries.dropAll();
  }

  /**
   * Exchanges all state but the page tables with a snapshot.
   *
   * @param restored receives the PV entries that are made, in the order of {@link #numberPvs}
   */
  public void exchange(StateExchange state, Numbering<PvEntry> restored) {
    active = state.exchange(active);
    count = state.exchange(count);
    statistics.exchange(state);
    entries.exchange(state, restored);
  }

  /** Returns the page of the root table of a user map. */
  public @Nullable VmPage rootPage() {
    return root;
  }

  PvEntries entries() {
    return entries;
  }

  void setActive(boolean active) {
    this.active = active;
  }

  /** Whether this is {@code kernel_pmap}. */
  public boolean isKernel() {
    return tableObject == null;
  }

  @Override
  public String toString() {
    return name;
  }
}
