package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.VmPage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pages of an object by index: open addressing with linear probing, so that neither a lookup
 * nor, once the table has grown, an insertion or removal allocates.
 */
final class ResidentPages {

  private static final int INITIAL_CAPACITY = 16;

  private @Nullable VmPage[] table = new @Nullable VmPage[INITIAL_CAPACITY];
  private int count;

  int count() {
    return count;
  }

  /** Returns the number of slots, for a scan with {@link #slot}. */
  int capacity() {
    return table.length;
  }

  /**
   * Returns the page in a slot. A removal during an ascending scan may move a later page into the
   * slot just emptied, so that slot must be read again.
   */
  @Nullable VmPage slot(int index) {
    return table[index];
  }

  @Nullable VmPage get(long pindex) {
    int mask = table.length - 1;
    for (int i = home(pindex, mask); ; i = (i + 1) & mask) {
      VmPage page = table[i];
      if (page == null || page.pindex() == pindex) {
        return page;
      }
    }
  }

  void add(VmPage page) {
    if (2 * (count + 1) > table.length) {
      grow();
    }
    place(page);
    count++;
  }

  void remove(VmPage page) {
    int mask = table.length - 1;
    int hole = home(page.pindex(), mask);
    while (table[hole] != page) {
      hole = (hole + 1) & mask;
    }
    for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      VmPage next = table[i];
      if (next == null) {
        break;
      }
      int distanceFromHome = (i - home(next.pindex(), mask)) & mask;
      if (distanceFromHome >= ((i - hole) & mask)) {
        table[hole] = next;
        hole = i;
      }
    }
    table[hole] = null;
    count--;
  }

  private void place(VmPage page) {
    int mask = table.length - 1;
    int i = home(page.pindex(), mask);
    while (table[i] != null) {
      i = (i + 1) & mask;
    }
    table[i] = page;
  }

  private void grow() {
    @Nullable VmPage[] old = table;
    table = new @Nullable VmPage[old.length * 2];
    for (VmPage page : old) {
      if (page != null) {
        place(page);
      }
    }
  }

  private static int home(long pindex, int mask) {
    return (int) ((pindex * 0x9E3779B97F4A7C15L) >>> 32) & mask;
  }

  /** Exchanges the table as it lies, because scans go by its order. */
  void exchange(StateExchange state, Numbering<VmPage> pages) {
    int capacity = state.exchange(table.length);
    count = state.exchange(count);
    if (capacity != table.length) {
      table = new @Nullable VmPage[capacity];
    } else if (!state.isSaving()) {
      Arrays.fill(table, null);
    }
    int slot = -1;
    for (int i = 0; i < count; i++) {
      slot = state.exchange(state.isSaving() ? nextUsed(slot + 1) : 0);
      table[slot] = state.exchange(table[slot], pages);
    }
  }

  private int nextUsed(int from) {
    int slot = from;
    while (table[slot] == null) {
      slot++;
    }
    return slot;
  }
}
