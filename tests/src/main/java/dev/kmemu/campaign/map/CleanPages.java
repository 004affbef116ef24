package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapPager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Looks for pages that count as clean and aren't: neither dirty nor modified in any mapping, and
 * yet another than their copy in swap, or than zeroes where there is none. The page daemon would
 * lose what they hold.
 */
final class CleanPages {

  private final KernelVm vm;
  private final UnreliableSwap disk;

  CleanPages(KernelVm vm, UnreliableSwap disk) {
    this.vm = vm;
    this.disk = disk;
  }

  @Nullable Failure compare(String suspect) {
    vm.tokens().vm().get();
    try {
      for (int i = 0; i < vm.pages().size(); i++) {
        Failure failure = compare(vm.pages().get(i), suspect);
        if (failure != null) {
          return failure;
        }
      }
      return null;
    } finally {
      vm.tokens().vm().release();
    }
  }

  private @Nullable Failure compare(VmPage page, String suspect) {
    if (!(page.owner() instanceof VmObject object)
        || !object.isAnonymous()
        || page.wireCount() != 0
        || page.isBusy()
        || page.valid() == 0
        || page.dirty() != 0
        || vm.pmap().mappings().isModified(page)) {
      return null;
    }
    Long copy = copy(object, page.pindex());
    long word = vm.ram().load64(page.physAddr());
    return copy == null || copy == word
        ? null
        : Failure.of(
            "lost-modified",
            suspect,
            String.format("%s: dirty or modified, as it isn't 0x%x any more", page, copy),
            String.format("clean with 0x%x", word));
  }

  /** Returns the first word of a page's copy; null when what is behind the object decides. */
  private @Nullable Long copy(VmObject object, long pindex) {
    SwapPager swap = vm.paging().pagers().swap();
    byte[] copy = null;
    try {
      copy = swap == null ? null : disk.peeking(() -> swap.copyOf(object, pindex));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (copy != null) {
      return ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
    return object.backingObject() == null ? Long.valueOf(0) : null;
  }
}
