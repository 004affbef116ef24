package dev.kmemu.vm.pager;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.VmPage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The swap pager ({@code sys/vm/swap_pager.c}): one for all objects, page by page. Input and output
 * are done before a call returns, {@code vm_token} held throughout. A page keeps its slot while it
 * is resident and is written to it again; what a dirty page's slot holds is out of date.
 */
public final class SwapPager implements Pager {

  private final SwapSpace space;
  private final SwapSlots slots;
  private final PhysicalMemory ram;
  private final VmStats stats;
  private final PageShortage shortage;
  private final IdentityHashMap<VmObject, SlotTable> tables = new IdentityHashMap<>();
  private final byte[] buffer = new byte[(int) VmArith.PAGE_SIZE];
  private boolean full;

  /** Creates the pager of an empty swap space. */
  SwapPager(SwapSpace space, PhysicalMemory ram, VmStats stats, PageShortage shortage) {
    this.space = space;
    this.slots = new SwapSlots(space.pages());
    this.ram = ram;
    this.stats = stats;
    this.shortage = shortage;
  }

  /** Returns the number of slots. */
  public int pages() {
    return space.pages();
  }

  /** Returns the number of slots in use. */
  public int pagesInUse() {
    return slots.inUse();
  }

  @Override
  public boolean hasPage(VmObject object, long pindex) {
    return slotOf(object, pindex) != SwapSlots.NONE;
  }

  /**
   * Whether the page has a slot, or a slot is free. If not, those who wait for pages are told once
   * a slot becomes free.
   */
  public boolean hasRoomFor(VmObject object, long pindex) {
    boolean room = slots.inUse() < space.pages() || hasPage(object, pindex);
    full |= !room;
    return room;
  }

  /** {@code swap_pager_getpage}: FAIL when the object has no such page in swap. */
  @Override
  public PagerResult getPage(VmObject object, VmPage page) {
    int slot = slotOf(object, page.pindex());
    if (slot == SwapSlots.NONE) {
      return PagerResult.FAIL;
    }
    try {
      space.read(slot, buffer);
    } catch (IOException e) {
      return PagerResult.ERROR;
    }
    ram.write(page.address(), buffer, 0, buffer.length);
    page.clearFlag(PageFlags.ZERO);
    page.setValid(true);
    stats.add(VmCounter.SWAPIN, 1);
    return PagerResult.OK;
  }

  /**
   * {@code swap_pager_putpages}: AGAIN when no slot is free. A DEFAULT object that had nothing in
   * swap before becomes a SWAP object. The page's dirty bits are the caller's to clear.
   */
  @Override
  public PagerResult putPage(VmObject object, VmPage page) {
    int had = slotOf(object, page.pindex());
    int slot = had == SwapSlots.NONE ? slots.allocate() : had;
    if (slot == SwapSlots.NONE) {
      full = true;
      return PagerResult.AGAIN;
    }
    ram.read(page.address(), buffer, 0, buffer.length);
    try {
      space.write(slot, buffer);
    } catch (IOException e) {
      if (had == SwapSlots.NONE) {
        slots.free(slot);
      }
      return PagerResult.ERROR;
    }
    tableOf(object).put(page.pindex(), slot);
    stats.add(VmCounter.SWAPOUT, 1);
    return PagerResult.OK;
  }

  @Override
  public void freeSpace(VmObject object, long first, long count) {
    SlotTable table = tables.get(object);
    if (table == null) {
      return;
    }
    if (VmArith.below(count, table.count())) {
      for (long pindex = first; pindex != first + count; pindex++) {
        release(table.remove(pindex));
      }
    } else {
      for (long pindex : table.indexes()) {
        if (VmArith.below(pindex - first, count)) {
          release(table.remove(pindex));
        }
      }
    }
    pokeIfFull();
  }

  @Override
  public void deallocate(VmObject object) {
    SlotTable table = tables.remove(object);
    if (table != null) {
      for (long pindex : table.indexes()) {
        release(table.get(pindex));
      }
      pokeIfFull();
    }
  }

  /** {@code swap_pager_copy}. */
  @Override
  public void handOver(VmObject from, VmObject to, long indexOffset) {
    SlotTable source = tables.remove(from);
    if (source == null) {
      return;
    }
    for (long pindex : source.indexes()) {
      int slot = source.get(pindex);
      long target = pindex - indexOffset;
      if (!VmArith.below(pindex, indexOffset)
          && VmArith.below(target, to.size())
          && to.residentPage(target) == null
          && !hasPage(to, target)) {
        tableOf(to).put(target, slot);
      } else {
        release(slot);
      }
    }
    pokeIfFull();
  }

  private int slotOf(VmObject object, long pindex) {
    SlotTable table = tables.get(object);
    return table == null ? SwapSlots.NONE : table.get(pindex);
  }

  private SlotTable tableOf(VmObject object) {
    SlotTable table = tables.get(object);
    if (table == null) {
      table = new SlotTable();
      tables.put(object, table);
      object.setPager(ObjectType.SWAP, this);
    }
    return table;
  }

  private void release(int slot) {
    if (slot != SwapSlots.NONE) {
      slots.free(slot);
    }
  }

  private void pokeIfFull() {
    if (full && slots.inUse() < space.pages()) {
      full = false;
      shortage.poke();
    }
  }

  /**
   * Compares the slots that objects have with those in use, for the invariant checker.
   *
   * @return what is wrong, null when nothing is
   */
  public @Nullable String audit() {
    int[] assigned =
        tables.values().stream()
            .flatMapToInt(table -> Arrays.stream(table.indexes()).mapToInt(table::get))
            .toArray();
    long distinct = Arrays.stream(assigned).distinct().count();
    if (distinct != assigned.length) {
      return "a slot belongs to two pages";
    }
    for (int slot : assigned) {
      if (!slots.isUsed(slot)) {
        return "slot " + slot + " belongs to a page but isn't in use";
      }
    }
    return distinct == slots.inUse()
        ? null
        : slots.inUse() + " slots are in use, " + distinct + " belong to pages";
  }

  void close() {
    space.close();
  }

  /**
   * Returns the copy in swap of a page, for checks; null when there is none. Clean pages are equal
   * to it.
   */
  public byte @Nullable [] copyOf(VmObject object, long pindex) throws IOException {
    int slot = slotOf(object, pindex);
    if (slot == SwapSlots.NONE) {
      return null;
    }
    byte[] copy = new byte[(int) VmArith.PAGE_SIZE];
    space.read(slot, copy);
    return copy;
  }

  /** Returns the objects that have pages in swap, in no order. */
  public Set<VmObject> objects() {
    return Collections.unmodifiableSet(tables.keySet());
  }

  /** Exchanges what is where with a snapshot, but not the contents. */
  public void exchange(StateExchange state, Numbering<VmObject> objects) {
    full = state.exchange(full);
    slots.exchange(state);
    if (!state.isSaving()) {
      tables.clear();
    }
    for (int i = 0; i < objects.size(); i++) {
      VmObject object = objects.get(i);
      if (state.exchange(tables.containsKey(object))) {
        tables.computeIfAbsent(object, o -> new SlotTable()).exchange(state);
      }
    }
  }

  /** Returns the contents of all slots in use, in the order of the slots. */
  public byte[][] contents() throws IOException {
    byte[][] contents = new byte[slots.inUse()][(int) VmArith.PAGE_SIZE];
    int i = 0;
    for (int slot = slots.nextUsed(0); slot >= 0; slot = slots.nextUsed(slot + 1)) {
      space.read(slot, contents[i++]);
    }
    return contents;
  }

  /** Writes the contents of the slots that are in use now. */
  public void restoreContents(byte[][] contents) throws IOException {
    int i = 0;
    for (int slot = slots.nextUsed(0); slot >= 0; slot = slots.nextUsed(slot + 1)) {
      space.write(slot, contents[i++]);
    }
  }
}
