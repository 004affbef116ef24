package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a map ordered by start: a treap, linked through the entries. Each entry knows the
 * free gap behind it and the largest such gap of its subtree, so the first gap of a given size is
 * found in O(log n), not by upstream's walk.
 */
final class EntryTree {

  private final VmMapEntry header;
  private @Nullable VmMapEntry root;
  private int seed = 0x2545F491;

  EntryTree(VmMapEntry header) {
    this.header = header;
  }

  /** Returns the entry with the greatest start that isn't above {@code address}, or the header. */
  VmMapEntry floor(long address) {
    VmMapEntry best = header;
    for (VmMapEntry e = root; e != null; ) {
      if (VmArith.below(address, e.start)) {
        e = e.left;
      } else {
        best = e;
        e = e.right;
      }
    }
    return best;
  }

  /** Links {@code entry}; its list links are set already. */
  void insert(VmMapEntry entry) {
    entry.left = null;
    entry.right = null;
    entry.parent = null;
    entry.priority = nextPriority();
    entry.gap = gapBehind(entry);
    entry.maxGap = entry.gap;
    attach(entry);
    updatePath(entry.parent);
    while (entry.parent != null && entry.parent.priority < entry.priority) {
      rotateUp(entry);
    }
  }

  /** Of two neighbours one has no child on the side of the other: that place is the entry's. */
  private void attach(VmMapEntry entry) {
    VmMapEntry before = entry.prev;
    VmMapEntry after = entry.next;
    if (before != header && before.right == null) {
      before.right = entry;
      entry.parent = before;
    } else if (after != header) {
      after.left = entry;
      entry.parent = after;
    } else {
      root = entry;
    }
  }

  void remove(VmMapEntry entry) {
    while (entry.left != null || entry.right != null) {
      VmMapEntry left = entry.left;
      VmMapEntry right = entry.right;
      if (right == null || (left != null && left.priority > right.priority)) {
        rotateUp(left);
      } else {
        rotateUp(right);
      }
    }
    VmMapEntry parent = entry.parent;
    replaceChild(parent, entry, null);
    entry.parent = null;
    updatePath(parent);
  }

  /** Recomputes the gap behind {@code entry}, after its end or its successor's start changed. */
  void refresh(VmMapEntry entry) {
    if (entry != header) {
      entry.gap = gapBehind(entry);
      updatePath(entry);
    }
  }

  /** Returns the next entry after {@code entry} with a gap of {@code length} or more behind it. */
  @Nullable VmMapEntry nextWithGap(VmMapEntry entry, long length) {
    VmMapEntry found = nextInTree(entry, length);
    if (found == null && header.prev != entry && fits(header.end - header.prev.end, length)) {
      return header.prev;
    }
    return found;
  }

  private @Nullable VmMapEntry nextInTree(VmMapEntry entry, long length) {
    if (entry == header) {
      return firstWithGap(root, length);
    }
    VmMapEntry found = firstWithGap(entry.right, length);
    VmMapEntry child = entry;
    while (found == null) {
      VmMapEntry parent = child.parent;
      if (parent == null) {
        return null;
      }
      if (parent.left == child) {
        found = fits(parent.gap, length) ? parent : firstWithGap(parent.right, length);
      }
      child = parent;
    }
    return found;
  }

  /** Whether an in-order walk meets the list that begins at {@code first}, and the gaps agree. */
  boolean matches(VmMapEntry first) {
    VmMapEntry expected = first;
    VmMapEntry e = leftmost(root);
    while (e != null) {
      long maxGap = e.maxGap;
      update(e);
      if (e != expected || e.gap != gapBehind(e) || e.maxGap != maxGap) {
        return false;
      }
      expected = e.next;
      e = successor(e);
    }
    return expected == header;
  }

  private static @Nullable VmMapEntry leftmost(@Nullable VmMapEntry subtree) {
    VmMapEntry e = subtree;
    while (e != null && e.left != null) {
      e = e.left;
    }
    return e;
  }

  private static @Nullable VmMapEntry successor(VmMapEntry entry) {
    if (entry.right != null) {
      return leftmost(entry.right);
    }
    VmMapEntry e = entry;
    while (e.parent != null && e.parent.right == e) {
      e = e.parent;
    }
    return e.parent;
  }

  private static @Nullable VmMapEntry firstWithGap(@Nullable VmMapEntry subtree, long length) {
    VmMapEntry e = subtree;
    if (e == null || !fits(e.maxGap, length)) {
      return null;
    }
    while (true) {
      VmMapEntry left = e.left;
      if (left != null && fits(left.maxGap, length)) {
        e = left;
      } else if (fits(e.gap, length)) {
        return e;
      } else {
        VmMapEntry right = e.right;
        if (right == null) {
          return null;
        }
        e = right;
      }
    }
  }

  private static boolean fits(long gap, long length) {
    return !VmArith.below(gap, length);
  }

  /** The last entry's gap isn't in the tree: it is the largest, and changes with every append. */
  private long gapBehind(VmMapEntry entry) {
    return entry.next == header ? 0 : entry.next.start - entry.end;
  }

  /** Stops where nothing changes: what is above knows that value already. */
  private static void updatePath(@Nullable VmMapEntry from) {
    for (VmMapEntry e = from; e != null; e = e.parent) {
      long before = e.maxGap;
      update(e);
      if (e.maxGap == before) {
        return;
      }
    }
  }

  private static void update(VmMapEntry e) {
    long max = e.gap;
    if (e.left != null) {
      max = VmArith.max(max, e.left.maxGap);
    }
    if (e.right != null) {
      max = VmArith.max(max, e.right.maxGap);
    }
    e.maxGap = max;
  }

  private void rotateUp(@Nullable VmMapEntry child) {
    if (child == null || child.parent == null) {
      return;
    }
    VmMapEntry parent = child.parent;
    VmMapEntry moved;
    if (parent.left == child) {
      moved = child.right;
      parent.left = moved;
      child.right = parent;
    } else {
      moved = child.left;
      parent.right = moved;
      child.left = parent;
    }
    if (moved != null) {
      moved.parent = parent;
    }
    replaceChild(parent.parent, parent, child);
    child.parent = parent.parent;
    parent.parent = child;
    update(parent);
    update(child);
  }

  private void replaceChild(@Nullable VmMapEntry parent, VmMapEntry from, @Nullable VmMapEntry to) {
    if (parent == null) {
      root = to;
    } else if (parent.left == from) {
      parent.left = to;
    } else {
      parent.right = to;
    }
  }

  private int nextPriority() {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed;
  }

  /**
   * Exchanges the state with a snapshot of the same entries, and links their list again: priorities
   * are all different, so that there is only one tree.
   */
  void exchange(StateExchange state) {
    seed = state.exchange(seed);
    if (!state.isSaving()) {
      rebuild();
    }
  }

  private void rebuild() {
    root = null;
    VmMapEntry last = null;
    for (VmMapEntry entry = header.next; entry != header; entry = entry.next) {
      entry.left = null;
      entry.right = null;
      VmMapEntry above = last;
      while (above != null && above.priority < entry.priority) {
        entry.left = above;
        above = above.parent;
      }
      if (entry.left != null) {
        entry.left.parent = entry;
      }
      entry.parent = above;
      if (above == null) {
        root = entry;
      } else {
        above.right = entry;
      }
      entry.gap = gapBehind(entry);
      last = entry;
    }
    updateAll(root);
  }

  private static void updateAll(@Nullable VmMapEntry entry) {
    if (entry != null) {
      updateAll(entry.left);
      updateAll(entry.right);
      update(entry);
    }
  }
}
