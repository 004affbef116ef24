package dev.kmemu.campaign.map;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A mapped page of an address space as the model has it. */
final class SpacePage {

  /** What a page holds. Pages of several spaces are one where they have the same. */
  static final class Contents {
    private static final long[] NONE = {};

    /** The first word; the others are zero. */
    private long word;

    /** What it may be as well: it was copied while others wrote to it. */
    private long[] alternatives = NONE;

    /** Whether a fork gave the page to another space, too. */
    boolean shared;

    Contents(long word) {
      this.word = word;
    }

    long word() {
      return word;
    }

    /** Says what it holds. */
    void set(long value) {
      word = value;
      alternatives = NONE;
    }

    /** Says that it may hold one of some others as well. */
    void mayAlsoBe(long[] others) {
      alternatives =
          LongStream.concat(Arrays.stream(alternatives), Arrays.stream(others)).toArray();
    }

    /** Whether it may hold {@code value}; if so, it does. */
    boolean accepts(long value) {
      if (value != word && Arrays.stream(alternatives).noneMatch(other -> other == value)) {
        return false;
      }
      set(value);
      return true;
    }

    /** Returns a copy that nobody shares. */
    Contents copy() {
      Contents copy = new Contents(word);
      copy.alternatives = alternatives;
      return copy;
    }
  }

  final Contents contents;
  int protection;
  Inheritance inheritance = Inheritance.COPY;
  boolean locked;

  /** Whether the map's entry may be a copy-on-write one. */
  boolean maybeCopied;

  SpacePage(Contents contents, int protection) {
    this.contents = contents;
    this.protection = protection;
  }

  boolean isReadable() {
    return (protection & VmProt.READ) != 0;
  }

  boolean isWritable() {
    return (protection & VmProt.WRITE) != 0;
  }

  /** Whether a store may fail though the map allows it: a locked copy doesn't get access back. */
  boolean mayRefuseStores() {
    return locked && maybeCopied;
  }

  /** Returns what a child gets by a fork, null for nothing. */
  @Nullable SpacePage forked() {
    if (inheritance == Inheritance.NONE) {
      return null;
    }
    boolean copied = inheritance == Inheritance.COPY;
    if (copied) {
      maybeCopied |= !locked;
    } else {
      contents.shared = true;
    }
    SpacePage child = new SpacePage(copied ? contents.copy() : contents, protection);
    child.inheritance = inheritance;
    child.maybeCopied = maybeCopied;
    return child;
  }
}
