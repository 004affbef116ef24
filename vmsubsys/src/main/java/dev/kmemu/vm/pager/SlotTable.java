package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.StateExchange;
import java.util.Arrays;

/** The swap slots of one object by page index: open addressing with linear probing. */
final class SlotTable {

  private static final int INITIAL_CAPACITY = 16;

  private long[] keys = new long[INITIAL_CAPACITY];
  private int[] slots = empty(INITIAL_CAPACITY);
  private int count;

  int count() {
    return count;
  }

  /** Returns the slot of a page, {@link SwapSlots#NONE} when it has none. */
  int get(long pindex) {
    return slots[find(pindex)];
  }

  void put(long pindex, int slot) {
    int at = find(pindex);
    if (slots[at] == SwapSlots.NONE) {
      if (2 * (count + 1) > slots.length) {
        grow();
        at = find(pindex);
      }
      count++;
    }
    keys[at] = pindex;
    slots[at] = slot;
  }

  /** Forgets a page; returns its slot, {@link SwapSlots#NONE} when it had none. */
  int remove(long pindex) {
    int hole = find(pindex);
    int removed = slots[hole];
    if (removed == SwapSlots.NONE) {
      return removed;
    }
    int mask = slots.length - 1;
    for (int i = (hole + 1) & mask; slots[i] != SwapSlots.NONE; i = (i + 1) & mask) {
      int distanceFromHome = (i - home(keys[i], mask)) & mask;
      if (distanceFromHome >= ((i - hole) & mask)) {
        keys[hole] = keys[i];
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = SwapSlots.NONE;
    count--;
    return removed;
  }

  /** Returns the indexes of all pages that have a slot, in ascending unsigned order. */
  long[] indexes() {
    long[] indexes = new long[count];
    int n = 0;
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] != SwapSlots.NONE) {
        indexes[n++] = keys[i] ^ Long.MIN_VALUE;
      }
    }
    Arrays.sort(indexes);
    for (int i = 0; i < n; i++) {
      indexes[i] ^= Long.MIN_VALUE;
    }
    return indexes;
  }

  /** Returns where the page is, or where it would go. */
  private int find(long pindex) {
    int mask = slots.length - 1;
    int i = home(pindex, mask);
    while (slots[i] != SwapSlots.NONE && keys[i] != pindex) {
      i = (i + 1) & mask;
    }
    return i;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldSlots = slots;
    keys = new long[oldKeys.length * 2];
    slots = empty(keys.length);
    for (int i = 0; i < oldSlots.length; i++) {
      if (oldSlots[i] != SwapSlots.NONE) {
        int at = find(oldKeys[i]);
        keys[at] = oldKeys[i];
        slots[at] = oldSlots[i];
      }
    }
  }

  private static int[] empty(int capacity) {
    int[] slots = new int[capacity];
    Arrays.fill(slots, SwapSlots.NONE);
    return slots;
  }

  private static int home(long pindex, int mask) {
    return (int) ((pindex * 0x9E3779B97F4A7C15L) >>> 32) & mask;
  }

  void exchange(StateExchange state) {
    long[] indexes = indexes();
    int length = state.exchange(indexes.length);
    for (int i = 0; i < length; i++) {
      long pindex = state.exchange(state.isSaving() ? indexes[i] : 0);
      int slot = state.exchange(state.isSaving() ? get(pindex) : 0);
      if (!state.isSaving()) {
        put(pindex, slot);
      }
    }
  }
}
