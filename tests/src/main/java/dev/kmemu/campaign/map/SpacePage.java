package dev.kmemu.campaign.map;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import org.jspecify.annotations.Nullable;

/** A mapped page of an address space as the model has it. */
final class SpacePage {

  /** What a page holds. Pages of several spaces are one where they have the same. */
  static final class Contents {
    /** The first word; the others are zero. */
    long word;

    /** Whether a fork gave the page to another space, too. */
    boolean shared;

    Contents(long word) {
      this.word = word;
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
    SpacePage child = new SpacePage(copied ? new Contents(contents.word) : contents, protection);
    child.inheritance = inheritance;
    child.maybeCopied = maybeCopied;
    return child;
  }
}
