package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/** The pages that an entry shows, found through its objects. Callers hold {@code vm_token}. */
final class EntryPages {

  private EntryPages() {}

  /** Returns the first page at {@code pindex} along the chain from {@code first} on, or null. */
  static @Nullable VmPage resident(@Nullable VmObject first, long pindex) {
    long at = pindex;
    for (VmObject object = first; object != null; object = object.backingObject()) {
      VmPage page = object.residentPage(at);
      if (page != null) {
        return page;
      }
      at += VmArith.offToIdx(object.backingObjectOffset());
    }
    return null;
  }
}
