package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.TlbShootdown;
import java.util.List;

/**
 * The pmap of DragonFly 2.8 on pc64 ({@code sys/platform/pc64/x86_64/pmap.c}). {@code pgeflag} is
 * 0, as on SMP. For one with other routines see {@code ForwardingPmap}.
 */
public final class StandardPmap implements PmapModule {

  private final TlbShootdown shootdown;
  private final UserTables userTables;
  private final PagePv pagePv;
  private final PmapEnter enter;
  private final PmapRemove remove;
  private final PmapProtect protect;
  private final KernelEntries kernel;
  private final TableGrowth growth;

  /** Creates the pmap of a kernel. */
  public StandardPmap(PmapContext context) {
    PageTables tables = context.kernelTables();
    shootdown = new TlbShootdown(context.tlb());
    userTables =
        new UserTables(context.allocator(), context.state(), context.pages(), shootdown, tables);
    pagePv = new PagePv(shootdown, context.cleanMap(), userTables);
    remove = new PmapRemove(context.pages(), userTables, shootdown);
    enter = new PmapEnter(userTables, remove, shootdown);
    protect = new PmapProtect(context.pages(), shootdown);
    kernel = new KernelEntries(tables, context.tlb());
    growth = new TableGrowth(tables, context.growth());
  }

  @Override
  public boolean keepsPvLists() {
    return true;
  }

  @Override
  public boolean holdsTables() {
    return true;
  }

  @Override
  public VmPage pinit(VmObject tables) {
    return userTables.makeRoot(tables);
  }

  @Override
  public void release(Pmap pmap) {
    userTables.releaseRoot(pmap);
  }

  @Override
  public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
    enter.enter(pmap, va, page, prot, wired);
  }

  @Override
  public void remove(Pmap pmap, long start, long end) {
    try {
      remove.remove(pmap, start, end);
    } finally {
      shootdown.flush();
    }
  }

  @Override
  public void removePages(Pmap pmap, long start, long end) {
    try {
      remove.removePages(pmap, start, end);
    } finally {
      shootdown.flush();
    }
  }

  @Override
  public void protect(Pmap pmap, long start, long end, int prot) {
    if ((prot & VmProt.READ) == 0) {
      remove(pmap, start, end);
      return;
    }
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    try {
      protect.withdrawWrite(pmap, start, end);
    } finally {
      shootdown.flush();
    }
  }

  @Override
  public void changeWiring(Pmap pmap, long va, boolean wired) {
    protect.changeWiring(pmap, va, wired);
  }

  @Override
  public long extract(Pmap pmap, long va) {
    return pmap.tables().extract(va);
  }

  @Override
  public void pageProtect(VmPage page, int prot) {
    pagePv.pageProtect(page, prot);
  }

  @Override
  public void strip(VmPage page) {
    pagePv.strip(page);
  }

  @Override
  public void flush() {
    shootdown.flush();
  }

  @Override
  public boolean isModified(VmPage page) {
    return pagePv.isModified(page);
  }

  @Override
  public void clearModify(VmPage page) {
    pagePv.clearModify(page);
  }

  @Override
  public void clearReference(VmPage page) {
    pagePv.clearReference(page);
  }

  @Override
  public int tsReferenced(VmPage page) {
    return pagePv.tsReferenced(page);
  }

  @Override
  public void kenter(long va, long pa) {
    kernel.kenter(va, pa);
  }

  @Override
  public void kenterSync(long va) {
    kernel.kenterSync(va);
  }

  @Override
  public void kremove(long va) {
    kernel.kremove(va);
  }

  @Override
  public void qenter(long va, List<VmPage> pages) {
    kernel.qenter(va, pages);
  }

  @Override
  public void qremove(long va, int count) {
    kernel.qremove(va, count);
  }

  @Override
  public void mapDevice(long va, long pa, long count, long bits) {
    kernel.mapDevice(va, pa, count, bits);
  }

  @Override
  public long kextract(long va) {
    return kernel.kextract(va);
  }

  @Override
  public void growKernel(long start, long end) {
    growth.grow(start, end);
  }
}
