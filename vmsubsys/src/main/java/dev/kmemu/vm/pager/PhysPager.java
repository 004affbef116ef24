package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/**
 * The phys pager ({@code sys/vm/phys_pager.c}): memory that begins as zeroes and is never paged
 * out. Its mappings have no PV entries, so only unmapping the address ends them.
 */
final class PhysPager implements Pager {

  private final PageState state;

  PhysPager(PageState state) {
    this.state = state;
  }

  @Override
  public boolean hasPage(VmObject object, long pindex) {
    return true;
  }

  @Override
  public PagerResult getPage(VmObject object, VmPage page) {
    state.ensureZero(page);
    state.unmanage(page);
    page.setValid(true);
    return PagerResult.OK;
  }

  @Override
  public PagerResult putPage(VmObject object, VmPage page) {
    throw new KernelPanic("phys_pager_putpages called", page.toString());
  }
}
