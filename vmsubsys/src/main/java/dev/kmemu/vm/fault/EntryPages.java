package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The pages that an entry shows, found through its objects. Callers hold {@code vm_token}. */
final class EntryPages {

  private EntryPages() {}

  /** Returns the first page at {@code va} along the chain of objects that is wanted, or null. */
  static @Nullable VmPage resident(VmMapEntry entry, long va, Predicate<VmPage> wanted) {
    long pindex = VmArith.offToIdx(va - entry.start() + entry.offset());
    for (VmObject object = entry.object(); object != null; object = object.backingObject()) {
      VmPage page = object.residentPage(pindex);
      if (page != null && wanted.test(page)) {
        return page;
      }
      pindex += VmArith.offToIdx(object.backingObjectOffset());
    }
    return null;
  }
}
