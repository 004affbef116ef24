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

  private final String name;
  private final Token token;
  private final PageTables tables;
  private final PmapRoutines routines;
  private final PmapStatistics statistics = new PmapStatistics();
  private final PvEntries entries;
  private final @Nullable UserTables userTables;
  private boolean active;
  private int count = 1;

  private Pmap(
      String name,
      Token vmToken,
      PmapRoutines routines,
      PageTables tables,
      @Nullable UserTables userTables) {
    this.name = name;
    this.token = vmToken;
    this.routines = routines;
    this.tables = tables;
    this.userTables = userTables;
    this.entries = new PvEntries(this, routines.zone());
  }

  /** Creates {@code kernel_pmap}, which is active at all times. */
  public static Pmap kernel(Token vmToken, PmapRoutines routines, PageTables tables) {
    Pmap pmap = new Pmap("kernel_pmap", vmToken, routines, tables, null);
    pmap.active = true;
    return pmap;
  }

  static Pmap user(String name, Token vmToken, PmapRoutines routines, UserTables userTables) {
    return new Pmap(name, vmToken, routines, userTables.tables(), userTables);
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
    return routines.mappings();
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
    return userTables == null ? null : userTables.object();
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
      routines.enter().enter(this, VmArith.truncPage(va), page, prot, wired);
    } finally {
      token.release();
    }
  }

  /** {@code pmap_remove}: unmaps [start, end); a 2 MiB page in it goes as a whole. */
  public void remove(long start, long end) {
    token.get();
    try {
      routines.remove().remove(this, start, end);
    } finally {
      routines.shootdown().flush();
      token.release();
    }
  }

  /** {@code pmap_remove_pages}: unmaps the managed pages of [start, end) that aren't wired. */
  public void removePages(long start, long end) {
    token.get();
    try {
      routines.remove().removePages(this, start, end);
    } finally {
      routines.shootdown().flush();
      token.release();
    }
  }

  /** {@code pmap_protect}: without READ removes, without WRITE withdraws write access. */
  public void protect(long start, long end, int prot) {
    if ((prot & VmProt.READ) == 0) {
      remove(start, end);
      return;
    }
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    token.get();
    try {
      routines.protect().withdrawWrite(this, start, end);
    } finally {
      routines.shootdown().flush();
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
      routines.protect().changeWiring(this, va, wired);
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
      return tables.extract(va);
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
    return userTables == null ? null : userTables.root();
  }

  PvEntries entries() {
    return entries;
  }

  void setActive(boolean active) {
    this.active = active;
  }

  boolean isKernel() {
    return userTables == null;
  }

  /** Returns the tables below the user part of the root. */
  UserTables userTables() {
    UserTables own = userTables;
    if (own == null) {
      throw new KernelPanic("kernel_pmap has no user page tables");
    }
    return own;
  }

  @Override
  public String toString() {
    return name;
  }
}
