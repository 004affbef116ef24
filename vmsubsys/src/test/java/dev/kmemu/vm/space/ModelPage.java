package dev.kmemu.vm.space;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import org.jspecify.annotations.Nullable;

/** A mapped page as the model has it. */
public final class ModelPage {

  final Contents contents;
  int protection;
  Inheritance inheritance = Inheritance.COPY;
  boolean locked;

  /** Whether the map's entry may be a copy-on-write one. */
  boolean maybeCopyOnWrite;

  ModelPage(Contents contents, int protection) {
    this.contents = contents;
    this.protection = protection;
  }

  /** Returns the page's first word. */
  public long word() {
    return contents.word;
  }

  /** Returns what the map allows, bits of {@link VmProt}. */
  public int protection() {
    return protection;
  }

  /** Whether the user has locked the page. */
  public boolean isLocked() {
    return locked;
  }

  /** Whether another space may have the page as well. */
  public boolean isShared() {
    return contents.shared;
  }

  /**
   * Whether a store may be refused although the map allows it: a locked page of a copy-on-write
   * entry that lost write access doesn't get it back.
   */
  public boolean mayRefuseStores() {
    return locked && maybeCopyOnWrite;
  }

  boolean isWriteable() {
    return (protection & VmProt.WRITE) != 0;
  }

  /** Returns what a fork gives to the child, null for nothing. */
  @Nullable ModelPage inherited() {
    Contents given = contents;
    switch (inheritance) {
      case NONE -> {
        return null;
      }
      case SHARE -> contents.shared = true;
      case COPY -> {
        given = new Contents(contents.word);
        maybeCopyOnWrite |= !locked;
      }
    }
    ModelPage child = new ModelPage(given, protection);
    child.inheritance = inheritance;
    child.maybeCopyOnWrite = maybeCopyOnWrite;
    return child;
  }
}
