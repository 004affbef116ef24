package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;

/**
 * The device pager ({@code sys/vm/device_pager.c}): physical memory that the VM doesn't own. All
 * pages of its objects are fictitious and resident from the start, so only their validity is ever
 * asked of it.
 */
final class DevicePager implements Pager {

  @Override
  public boolean hasPage(VmObject object, long pindex) {
    return object.residentPage(pindex) != null;
  }

  @Override
  public PagerResult getPage(VmObject object, VmPage page) {
    if (!page.has(PageFlags.FICTITIOUS)) {
      return PagerResult.BAD;
    }
    page.setValid(true);
    return PagerResult.OK;
  }

  @Override
  public PagerResult putPage(VmObject object, VmPage page) {
    throw new KernelPanic("dev_pager_putpage called", page.toString());
  }
}
