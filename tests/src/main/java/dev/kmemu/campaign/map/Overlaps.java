package dev.kmemu.campaign.map;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a section have under way. The outcome of an access is certain unless an
 * operation that changes the page was under way, too.
 */
final class Overlaps {

  private final List<Use> uses = new ArrayList<>();
  private final List<Copying> copyings = new ArrayList<>();

  /** Something that is being done to pages of a space. */
  final class Use implements AutoCloseable {
    private final SpaceModel space;
    private final int from;
    private final int last;
    private final boolean changes;
    private final Map<Integer, Long> stored = new HashMap<>();
    private boolean met;

    private Use(SpaceModel space, int from, int last, boolean changes) {
      this.space = space;
      this.from = from;
      this.last = last;
      this.changes = changes;
    }

    private boolean meets(Use other) {
      return space == other.space
          && from <= other.last
          && other.from <= last
          && (changes || other.changes);
    }

    /** Whether another one changed its pages meanwhile, or had what it changed used. */
    boolean hasMet() {
      return met;
    }

    /** Returns what was stored in a page before the model had it, null for nothing. */
    @Nullable Long stored(int page) {
      return stored.get(page);
    }

    @Override
    public void close() {
      uses.remove(this);
    }
  }

  /** A fork under way, and what the pages held meanwhile that have been written to since. */
  final class Copying implements AutoCloseable {
    private final IdentityHashMap<SpacePage.Contents, List<Long>> held = new IdentityHashMap<>();

    /** Returns what a page held earlier. */
    long[] held(SpacePage.Contents contents) {
      return held.getOrDefault(contents, List.of()).stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public void close() {
      copyings.remove(this);
    }
  }

  Use begin(SpaceModel space, int from, int last, boolean changes) {
    Use use = new Use(space, from, last, changes);
    for (Use other : uses) {
      if (use.meets(other)) {
        use.met = true;
        other.met = true;
      }
    }
    uses.add(use);
    return use;
  }

  Copying beginCopying() {
    Copying copying = new Copying();
    copyings.add(copying);
    return copying;
  }

  /** Notes a store before the model has it. */
  void stores(SpacePage.Contents contents) {
    for (Copying copying : copyings) {
      copying.held.computeIfAbsent(contents, c -> new ArrayList<>()).add(contents.word());
    }
  }

  /** Returns the operation that is about to map a page which the model doesn't have yet. */
  @Nullable Use mapping(SpaceModel space, int page) {
    for (Use use : uses) {
      if (use.changes && use.space == space && use.from <= page && page <= use.last) {
        return use;
      }
    }
    return null;
  }

  /** Notes a store to a page that the model doesn't have yet. */
  static void storesEarly(Use mapping, int page, long value) {
    mapping.stored.put(page, value);
  }
}
