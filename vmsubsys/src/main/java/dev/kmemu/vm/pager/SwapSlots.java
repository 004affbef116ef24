package dev.kmemu.vm.pager;

import dev.kmemu.vm.kern.StateExchange;
import java.util.BitSet;

/** Which slots of a swap space are in use; the lowest free one is handed out first. */
final class SwapSlots {

  static final int NONE = -1;

  private final BitSet used;
  private final int count;
  private int lowestFree;
  private int inUse;

  SwapSlots(int count) {
    this.count = count;
    this.used = new BitSet(count);
  }

  /** Takes a slot; {@link #NONE} when all are in use. */
  int allocate() {
    int slot = used.nextClearBit(lowestFree);
    if (slot >= count) {
      lowestFree = count;
      return NONE;
    }
    used.set(slot);
    lowestFree = slot + 1;
    inUse++;
    return slot;
  }

  void free(int slot) {
    if (!used.get(slot)) {
      throw new IllegalStateException("swap slot " + slot + " isn't in use");
    }
    used.clear(slot);
    lowestFree = Math.min(lowestFree, slot);
    inUse--;
  }

  boolean isUsed(int slot) {
    return used.get(slot);
  }

  int inUse() {
    return inUse;
  }

  void exchange(StateExchange state) {
    long[] words = used.toLongArray();
    int length = state.exchange(words.length);
    if (!state.isSaving()) {
      words = new long[length];
    }
    state.exchange(words);
    used.clear();
    used.or(BitSet.valueOf(words));
    lowestFree = state.exchange(lowestFree);
    inUse = state.exchange(inUse);
  }

  int nextUsed(int from) {
    return used.nextSetBit(from);
  }
}
