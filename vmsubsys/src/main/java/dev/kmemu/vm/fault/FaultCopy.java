package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.EntryCopying;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/** {@code vm_fault_copy_entry}: wired pages can't become copy-on-write, so a fork copies them. */
public final class FaultCopy implements EntryCopying {

  private static final int REQUEST = AllocRequest.NORMAL | AllocRequest.RETRY;

  private final Token token;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState state;

  /** Creates the routine. */
  public FaultCopy(Token vmToken, VmObjects objects, PageAllocator allocator, PageState state) {
    this.token = vmToken;
    this.objects = objects;
    this.allocator = allocator;
    this.state = state;
  }

  @Override
  public VmObject copyWired(VmMapEntry entry) {
    long count = (entry.end() - entry.start()) >>> VmArith.PAGE_SHIFT;
    VmObject copy = objects.allocate(ObjectType.DEFAULT, count);
    token.get();
    try {
      for (long i = 0; i < count; i++) {
        VmPage to = allocator.grab(copy, i, REQUEST);
        if (to == null) {
          throw new IllegalStateException("vm_page_grab with RETRY returned no page");
        }
        // Found only now: the token was lost if the grab slept.
        VmPage from = wiredPage(entry, entry.start() + (i << VmArith.PAGE_SHIFT));
        state.copy(from, to);
        to.clearFlag(PageFlags.ZERO);
        to.setValid(true);
        to.markDirty();
        state.activate(to);
        state.wakeup(to);
      }
    } finally {
      token.release();
    }
    return copy;
  }

  private static VmPage wiredPage(VmMapEntry entry, long va) {
    VmPage page = EntryPages.resident(entry, va, p -> true);
    if (page == null) {
      throw new KernelPanic("vm_fault_copy_wired: page missing", entry.toString());
    }
    return page;
  }
}
