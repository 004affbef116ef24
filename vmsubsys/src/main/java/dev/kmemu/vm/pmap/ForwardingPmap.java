package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/**
 * A pmap that hands every routine to another one: the base of those that change a few. What the
 * other one calls within itself isn't seen here.
 */
public abstract class ForwardingPmap implements PmapModule {

  private final PmapModule target;

  /** Creates it over the one that does the work. */
  protected ForwardingPmap(PmapModule target) {
    this.target = target;
  }

  /** Returns the one that does the work. */
  protected final PmapModule target() {
    return target;
  }

  @Override
  public boolean keepsPvLists() {
    return target.keepsPvLists();
  }

  @Override
  public boolean holdsTables() {
    return target.holdsTables();
  }

  @Override
  public VmPage pinit(VmObject tables) {
    return target.pinit(tables);
  }

  @Override
  public void release(Pmap pmap) {
    target.release(pmap);
  }

  @Override
  public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
    target.enter(pmap, va, page, prot, wired);
  }

  @Override
  public void remove(Pmap pmap, long start, long end) {
    target.remove(pmap, start, end);
  }

  @Override
  public void removePages(Pmap pmap, long start, long end) {
    target.removePages(pmap, start, end);
  }

  @Override
  public void protect(Pmap pmap, long start, long end, int prot) {
    target.protect(pmap, start, end, prot);
  }

  @Override
  public void changeWiring(Pmap pmap, long va, boolean wired) {
    target.changeWiring(pmap, va, wired);
  }

  @Override
  public long extract(Pmap pmap, long va) {
    return target.extract(pmap, va);
  }

  @Override
  public void pageProtect(VmPage page, int prot) {
    target.pageProtect(page, prot);
  }

  @Override
  public void strip(VmPage page) {
    target.strip(page);
  }

  @Override
  public void flush() {
    target.flush();
  }

  @Override
  public boolean isModified(VmPage page) {
    return target.isModified(page);
  }

  @Override
  public void clearModify(VmPage page) {
    target.clearModify(page);
  }

  @Override
  public void clearReference(VmPage page) {
    target.clearReference(page);
  }

  @Override
  public int tsReferenced(VmPage page) {
    return target.tsReferenced(page);
  }

  @Override
  public void kenter(long va, long pa) {
    target.kenter(va, pa);
  }

  @Override
  public void kenterSync(long va) {
    target.kenterSync(va);
  }

  @Override
  public void kremove(long va) {
    target.kremove(va);
  }

  @Override
  public void qenter(long va, List<VmPage> pages) {
    target.qenter(va, pages);
  }

  @Override
  public void qremove(long va, int count) {
    target.qremove(va, count);
  }

  @Override
  public void mapDevice(long va, long pa, long count, long bits) {
    target.mapDevice(va, pa, count, bits);
  }

  @Override
  public long kextract(long va) {
    return target.kextract(va);
  }

  @Override
  public void growKernel(long start, long end) {
    target.growKernel(start, end);
  }

  @Override
  public void exchange(StateExchange state) {
    target.exchange(state);
  }
}
