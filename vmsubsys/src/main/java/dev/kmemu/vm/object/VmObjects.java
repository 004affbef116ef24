package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageState;
import org.jspecify.annotations.Nullable;

/**
 * The routines of {@code sys/vm/vm_object.c}. They take the tokens they need; those that may sleep
 * say so.
 */
public final class VmObjects {

  private final VmTokens tokens;
  private final SleepQueue sleepQueue;
  private final ObjectRelease release;
  private final PageRemoval removal;
  private final VmObject kernelObject;
  private int nextColor;
  private int created;
  private int count;

  /**
   * {@code vm_object_init}: creates {@code kernel_object}.
   *
   * @param kernelPages its size in pages, unsigned
   */
  public VmObjects(
      VmTokens tokens,
      SleepQueue sleepQueue,
      PageAllocator allocator,
      PageState state,
      long kernelPages) {
    this.tokens = tokens;
    this.sleepQueue = sleepQueue;
    this.release = new ObjectRelease(tokens, sleepQueue, allocator, state);
    this.removal = new PageRemoval(allocator, state);
    this.kernelObject = allocate("kernel_object", ObjectType.DEFAULT, kernelPages);
  }

  /** {@code kernel_object}: page index and kernel address correspond one to one. */
  public VmObject kernelObject() {
    return kernelObject;
  }

  /** {@code vm_object_count}: how many objects there are that haven't ended. */
  public int count() {
    tokens.vmobj().get();
    try {
      return count - release.ended();
    } finally {
      tokens.vmobj().release();
    }
  }

  /** {@code vm_object_allocate}, one reference. */
  public VmObject allocate(ObjectType type, long size) {
    return create(null, type, size);
  }

  /** {@link #allocate(ObjectType, long)} with a name for reports. */
  public VmObject allocate(String name, ObjectType type, long size) {
    return create(name, type, size);
  }

  private VmObject create(@Nullable String name, ObjectType type, long size) {
    tokens.vmobj().get();
    try {
      return create(name, type, size, nextColor);
    } finally {
      tokens.vmobj().release();
    }
  }

  private VmObject create(@Nullable String name, ObjectType type, long size, int color) {
    String shown = name == null ? "object " + ++created : name;
    long step = VmArith.min(size, PageQueueIndex.COLORS / 3 + PageQueueIndex.PRIME1);
    nextColor = (nextColor + (int) step) & PageQueueIndex.COLOR_MASK;
    count++;
    return new VmObject(shown, type, size, color);
  }

  /**
   * {@code vm_pager_allocate} without the search for the handle: an object whose pages come from
   * {@code pager}.
   *
   * @param size in pages
   * @param handle by what others find the object, null for nothing
   */
  public VmObject allocate(ObjectType type, long size, Pager pager, @Nullable Object handle) {
    VmObject object = allocate(type, size);
    object.handle = handle;
    object.pager = pager;
    return object;
  }

  /** Sets {@code OBJ_NOSPLIT}. */
  public void setNoSplit(VmObject object) {
    tokens.vmobj().get();
    object.noSplit = true;
    tokens.vmobj().release();
  }

  /** {@code vm_object_reference}; null is ignored. */
  public void reference(@Nullable VmObject object) {
    if (object != null) {
      tokens.vmobj().get();
      object.refCount++;
      tokens.vmobj().release();
    }
  }

  /** Notes that {@code object} gets a mapping: objects that are shared have more than one. */
  public void noteMapped(VmObject object) {
    tokens.vmobj().get();
    if (object.refCount > 1 || object.shadowCount != 0) {
      object.oneMapping = false;
    }
    tokens.vmobj().release();
  }

  /**
   * {@code vm_object_deallocate}; null is ignored. The last reference ends the object and drops its
   * reference to the object behind; the last but one may merge it into the object before. May sleep
   * for paging.
   */
  public void deallocate(@Nullable VmObject object) {
    if (object != null) {
      release.deallocate(object);
    }
  }

  /**
   * What is mapped instead of the object that was given to {@link #shadow}.
   *
   * @param offset in bytes into {@code object}
   */
  public record Shadow(VmObject object, long offset) {}

  /**
   * {@code vm_object_shadow}: an object that keeps what is written apart from {@code source}. It
   * inherits the caller's reference. Anonymous memory that nobody else refers to needs none and is
   * returned as it is.
   *
   * @param offset in bytes into {@code source}
   * @param length of the new object, in bytes
   */
  public Shadow shadow(VmObject source, long offset, long length) {
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      if (source.refCount == 1 && source.handle == null && source.isAnonymous()) {
        return new Shadow(source, offset);
      }
      int color = source.pageColor() + (int) VmArith.offToIdx(offset);
      VmObject object =
          create(
              null,
              ObjectType.DEFAULT,
              length >>> VmArith.PAGE_SHIFT,
              color & PageQueueIndex.COLOR_MASK);
      ShadowChains.link(object, source, offset);
      source.generation++;
      return new Shadow(object, 0);
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /**
   * {@code vm_object_collapse}: takes objects out of the chain behind {@code object} that serve
   * nobody else. Does nothing while pages are on their way. The caller holds a reference.
   */
  public void collapse(VmObject object) {
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      release.collapse(object);
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /** {@code vm_object_pip_add}: keeps the object's pages from being taken away. */
  public void pagingBegin(VmObject object) {
    object.pagingInProgress++;
  }

  /** {@code vm_object_pip_wakeup}. */
  public void pagingEnd(VmObject object) {
    if (--object.pagingInProgress == 0 && object.pagingWanted) {
      object.pagingWanted = false;
      sleepQueue.wakeup(object);
    }
  }

  /**
   * {@code vm_object_page_remove}: frees the pages of [first, last) and forgets what the pager has
   * of them. Wired pages lose their mappings and, unless {@code cleanOnly}, their validity, but
   * stay. Sleeps for busy pages.
   *
   * @param last exclusive, unsigned; 0 means to the end
   * @param cleanOnly keep pages that are dirty or held
   */
  public void pageRemove(@Nullable VmObject object, long first, long last, boolean cleanOnly) {
    if (object == null) {
      return;
    }
    tokens.vm().get();
    try {
      if (object.residentPageCount() != 0 || object.pager != null) {
        pagingBegin(object);
        try {
          removal.remove(object, first, last, cleanOnly);
        } finally {
          pagingEnd(object);
        }
      }
    } finally {
      tokens.vm().release();
    }
  }

  /**
   * {@code vm_object_coalesce}: grows {@code object} by {@code nextBytes} behind its mapping of
   * {@code prevBytes} at {@code prevOffset}. What it has there from older mappings goes.
   *
   * @return whether the mapping may grow
   */
  public boolean coalesce(
      @Nullable VmObject object, long prevOffset, long prevBytes, long nextBytes) {
    if (object == null) {
      return true;
    }
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      if (!object.isAnonymous()) {
        return false;
      }
      release.collapse(object);
      if (object.backingObject != null) {
        return false;
      }
      long nextIndex = VmArith.offToIdx(prevOffset) + (prevBytes >>> VmArith.PAGE_SHIFT);
      long nextPages = nextBytes >>> VmArith.PAGE_SHIFT;
      if (object.refCount > 1 && object.size != nextIndex) {
        return false;
      }
      if (VmArith.below(nextIndex, object.size)) {
        pageRemove(object, nextIndex, nextIndex + nextPages, false);
      }
      object.size = VmArith.max(object.size, nextIndex + nextPages);
      return true;
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /**
   * What {@code vm_map_delete} does with the pages of [first, last), which nothing maps any more,
   * while the object has other uses: if they can't be anybody's they go, and the object ends before
   * them if they were its last. May sleep for busy pages.
   *
   * @param last exclusive
   */
  public void removeUnmapped(VmObject object, long first, long last) {
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      if (!object.isAnonymous() || object.refCount == 1 || !object.oneMapping || object.noSplit) {
        return;
      }
      release.collapse(object);
      pageRemove(object, first, last, false);
      if (!VmArith.below(last, object.size) && VmArith.below(first, object.size)) {
        object.size = first;
      }
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /** Makes an object that a snapshot fills, without counting it. */
  public VmObject blank(String name, int pageColor) {
    return new VmObject(name, ObjectType.DEFAULT, 0, pageColor);
  }

  /** Exchanges the counts with a snapshot. */
  public void exchange(StateExchange state) {
    nextColor = state.exchange(nextColor);
    created = state.exchange(created);
    count = state.exchange(count);
    release.exchange(state);
  }
}
