package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_object}: a source of pages. Pages, paging and size are guarded by {@code vm_token},
 * the reference count and the lists of shadows by {@code vmobj_token}; the backing object changes
 * under both. Changed through {@link VmObjects}.
 */
public final class VmObject implements PageOwner {

  private static final ObjectType[] TYPES = ObjectType.values();

  private final String name;
  private final int pageColor;
  private final ResidentPages pages = new ResidentPages();

  ObjectType type;
  long size;
  int refCount = 1;

  // Apart from each other, as they are guarded by different tokens.
  boolean oneMapping;
  boolean noSplit;
  boolean dead;
  boolean writeable;
  boolean mightBeDirty;
  boolean pagingWanted;
  int pagingInProgress;
  @Nullable Pager pager;
  @Nullable Object handle;

  /** The object that pages come from which this one lacks, {@code backing_object}. */
  @Nullable VmObject backingObject;

  /** Where this object begins in its backing object, in bytes. */
  long backingObjectOffset;

  /** How many objects this one backs: {@code shadow_count} and the list {@code shadow_head}. */
  int shadowCount;

  @Nullable VmObject firstShadow;
  @Nullable VmObject nextShadow;
  @Nullable VmObject previousShadow;
  int generation;

  VmObject(String name, ObjectType type, long size, int pageColor) {
    this.name = name;
    this.type = type;
    this.size = size;
    this.pageColor = pageColor;
    this.oneMapping = isAnonymous();
  }

  /** Returns the name that reports use. */
  public String name() {
    return name;
  }

  /** Returns where pages that aren't resident come from. */
  public ObjectType type() {
    return type;
  }

  /** Whether the object is plain memory, of type DEFAULT or SWAP. */
  public boolean isAnonymous() {
    return type == ObjectType.DEFAULT || type == ObjectType.SWAP;
  }

  /** Returns the size in pages, unsigned. */
  public long size() {
    return size;
  }

  /** {@code ref_count}. */
  public int refCount() {
    return refCount;
  }

  /** Whether {@code OBJ_ONEMAPPING} is set: at most one mapping of each page. */
  public boolean isOneMapping() {
    return oneMapping;
  }

  /** Whether {@code OBJ_NOSPLIT} is set: pages stay when a part of the mapping goes. */
  public boolean isNoSplit() {
    return noSplit;
  }

  /** Returns the bits of {@link ObjectFlags}. */
  public int flags() {
    return (oneMapping ? ObjectFlags.ONE_MAPPING : 0)
        | (noSplit ? ObjectFlags.NOSPLIT : 0)
        | (dead ? ObjectFlags.DEAD : 0)
        | (writeable ? ObjectFlags.WRITEABLE : 0)
        | (mightBeDirty ? ObjectFlags.MIGHT_BE_DIRTY : 0)
        | (pagingWanted ? ObjectFlags.PAGING_WANTED : 0);
  }

  /** Returns the pager; null while the object is anonymous and nothing was paged out. */
  public @Nullable Pager pager() {
    return pager;
  }

  /** Gives the object a pager and the type that goes with it; under {@code vm_token}. */
  public void setPager(ObjectType newType, Pager newPager) {
    type = newType;
    pager = newPager;
  }

  /** {@code handle}: by what others find the object; null when nobody can. */
  public @Nullable Object handle() {
    return handle;
  }

  /** Returns the object whose pages show through where this one has none. */
  public @Nullable VmObject backingObject() {
    return backingObject;
  }

  /** Returns the offset of this object in its backing object, in bytes. */
  public long backingObjectOffset() {
    return backingObjectOffset;
  }

  /** {@code shadow_count}: how many objects this one backs. */
  public int shadowCount() {
    return shadowCount;
  }

  /** Returns the first of the objects that this one backs. */
  public @Nullable VmObject firstShadow() {
    return firstShadow;
  }

  /** Returns the next object with the same backing object. */
  public @Nullable VmObject nextShadow() {
    return nextShadow;
  }

  /** {@code paging_in_progress}: how many have a use for the pages staying where they are. */
  public int pagingInProgress() {
    return pagingInProgress;
  }

  /** Whether {@code OBJ_DEAD} is set. */
  public boolean isDead() {
    return dead;
  }

  /** {@code resident_page_count}. */
  public int residentPageCount() {
    return pages.count();
  }

  /** Returns a number that changes whenever a page comes or goes. */
  public int generation() {
    return generation;
  }

  /** Returns the number of slots for {@link #residentSlot}. */
  public int residentSlots() {
    return pages.capacity();
  }

  /** Returns the page in a slot of the resident-page index; many slots are empty. */
  public @Nullable VmPage residentSlot(int slot) {
    return pages.slot(slot);
  }

  @Override
  public @Nullable VmPage residentPage(long pindex) {
    return pages.get(pindex);
  }

  /** {@code vm_pager_has_page}: whether the object's own pager has the page. Doesn't sleep. */
  public boolean isPagedOut(long pindex) {
    return pager != null && pager.hasPage(this, pindex);
  }

  @Override
  public void addResident(VmPage page) {
    pages.add(page);
    generation++;
  }

  @Override
  public void removeResident(VmPage page) {
    pages.remove(page);
    generation++;
  }

  @Override
  public int pageColor() {
    return pageColor;
  }

  @Override
  public void noteWriteable() {
    writeable = true;
    mightBeDirty = true;
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * Exchanges all state with a snapshot.
   *
   * @param handles what {@link #handle} may be
   */
  public void exchange(
      StateExchange state,
      Numbering<VmObject> objects,
      Numbering<VmPage> allPages,
      Numbering<Pager> pagers,
      Numbering<Object> handles) {
    type = state.exchange(type, TYPES);
    size = state.exchange(size);
    refCount = state.exchange(refCount);
    oneMapping = state.exchange(oneMapping);
    noSplit = state.exchange(noSplit);
    dead = state.exchange(dead);
    writeable = state.exchange(writeable);
    mightBeDirty = state.exchange(mightBeDirty);
    pagingWanted = state.exchange(pagingWanted);
    pagingInProgress = state.exchange(pagingInProgress);
    pager = state.exchange(pager, pagers);
    handle = state.exchange(handle, handles);
    backingObject = state.exchange(backingObject, objects);
    backingObjectOffset = state.exchange(backingObjectOffset);
    shadowCount = state.exchange(shadowCount);
    firstShadow = state.exchange(firstShadow, objects);
    nextShadow = state.exchange(nextShadow, objects);
    previousShadow = state.exchange(previousShadow, objects);
    generation = state.exchange(generation);
    pages.exchange(state, allPages);
  }
}
