package dev.kmemu.campaign.sched;

import dev.kmemu.vm.kern.ThreadScheduler;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapModule;
import java.util.List;

/** A pmap whose callers may be preempted before each routine that changes something or waits. */
public final class PreemptiblePmap extends ForwardingPmap {

  private final ThreadScheduler scheduler;

  /** Creates it over the one that does the work. */
  public PreemptiblePmap(PmapModule target, ThreadScheduler scheduler) {
    super(target);
    this.scheduler = scheduler;
  }

  @Override
  public String name() {
    return target().name();
  }

  @Override
  public VmPage pinit(VmObject tables) {
    scheduler.mayPreempt("pmap_pinit");
    return target().pinit(tables);
  }

  @Override
  public void release(Pmap pmap) {
    scheduler.mayPreempt("pmap_release");
    target().release(pmap);
  }

  @Override
  public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
    scheduler.mayPreempt("pmap_enter");
    target().enter(pmap, va, page, prot, wired);
  }

  @Override
  public void remove(Pmap pmap, long start, long end) {
    scheduler.mayPreempt("pmap_remove");
    target().remove(pmap, start, end);
  }

  @Override
  public void removePages(Pmap pmap, long start, long end) {
    scheduler.mayPreempt("pmap_remove_pages");
    target().removePages(pmap, start, end);
  }

  @Override
  public void protect(Pmap pmap, long start, long end, int prot) {
    scheduler.mayPreempt("pmap_protect");
    target().protect(pmap, start, end, prot);
  }

  @Override
  public void changeWiring(Pmap pmap, long va, boolean wired) {
    scheduler.mayPreempt("pmap_change_wiring");
    target().changeWiring(pmap, va, wired);
  }

  @Override
  public void pageProtect(VmPage page, int prot) {
    scheduler.mayPreempt("pmap_page_protect");
    target().pageProtect(page, prot);
  }

  @Override
  public void strip(VmPage page) {
    scheduler.mayPreempt("pmap_page_protect");
    target().strip(page);
  }

  @Override
  public void flush() {
    scheduler.mayPreempt("pmap_inval_flush");
    target().flush();
  }

  @Override
  public boolean isModified(VmPage page) {
    scheduler.mayPreempt("pmap_is_modified");
    return target().isModified(page);
  }

  @Override
  public void clearModify(VmPage page) {
    scheduler.mayPreempt("pmap_clear_modify");
    target().clearModify(page);
  }

  @Override
  public void clearReference(VmPage page) {
    scheduler.mayPreempt("pmap_clear_reference");
    target().clearReference(page);
  }

  @Override
  public int tsReferenced(VmPage page) {
    scheduler.mayPreempt("pmap_ts_referenced");
    return target().tsReferenced(page);
  }

  @Override
  public void kenter(long va, long pa) {
    scheduler.mayPreempt("pmap_kenter");
    target().kenter(va, pa);
  }

  @Override
  public void kremove(long va) {
    scheduler.mayPreempt("pmap_kremove");
    target().kremove(va);
  }

  @Override
  public void qenter(long va, List<VmPage> pages) {
    scheduler.mayPreempt("pmap_qenter");
    target().qenter(va, pages);
  }

  @Override
  public void qremove(long va, int count) {
    scheduler.mayPreempt("pmap_qremove");
    target().qremove(va, count);
  }

  @Override
  public void growKernel(long start, long end) {
    scheduler.mayPreempt("pmap_growkernel");
    target().growKernel(start, end);
  }
}
