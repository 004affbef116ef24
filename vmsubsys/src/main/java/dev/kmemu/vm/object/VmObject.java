package dev.kmemu.vm.object;

import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_object}: a source of pages. Pages are guarded by {@code vm_token}, the reference
 * count and flags by {@code vmobj_token}. Changed through {@link VmObjects}.
 */
public final class VmObject implements PageOwner {

  private final String name;
  private final int pageColor;
  private final ResidentPages pages = new ResidentPages();

  ObjectType type;
  long size;
  int refCount = 1;
  boolean oneMapping;
  boolean dead;
  boolean writeable;
  boolean mightBeDirty;
  boolean pagingWanted;
  int pagingInProgress;
  @Nullable Pager pager;

  /** The object that pages come from which this one lacks, {@code backing_object}. */
  @Nullable VmObject backingObject;

  /** Where this object begins in its backing object, in bytes. */
  long backingObjectOffset;

  /** How many objects this one backs: {@code shadow_count} and the list {@code shadow_head}. */
  int shadowCount;

  @Nullable VmObject firstShadow;
  @Nullable VmObject nextShadow;
  private int generation;

  VmObject(String name, ObjectType type, long size, int pageColor) {
    this.name = name;
    this.type = type;
    this.size = size;
    this.pageColor = pageColor;
    this.oneMapping = type == ObjectType.DEFAULT || type == ObjectType.SWAP;
  }

  /** Returns the name that reports use. */
  public String name() {
    return name;
  }

  /** Returns where pages that aren't resident come from. */
  public ObjectType type() {
    return type;
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

  /** Returns the pager; null while the object is anonymous and nothing was paged out. */
  public @Nullable Pager pager() {
    return pager;
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

  /** {@code paging_in_progress}: while it isn't 0 the object can't end. */
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
}
