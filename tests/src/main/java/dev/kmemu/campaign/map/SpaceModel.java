package dev.kmemu.campaign.map;

import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.vm.map.VmSpace;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An address space, and the model of its pages. */
final class SpaceModel {

  final VmSpace space;
  private final @Nullable SpacePage[] pages = new @Nullable SpacePage[Operands.PAGES];

  SpaceModel(VmSpace space) {
    this.space = space;
  }

  /** Returns the model of a fork. */
  SpaceModel forked(VmSpace child) {
    SpaceModel model = new SpaceModel(child);
    for (int i = 0; i < pages.length; i++) {
      SpacePage page = pages[i];
      model.pages[i] = page == null ? null : page.forked();
    }
    return model;
  }

  @Nullable SpacePage page(int number) {
    return pages[number];
  }

  void set(int number, @Nullable SpacePage page) {
    pages[number] = page;
  }

  /** Does something to the mapped pages of a range, the last one included. */
  void forEach(int from, int last, Consumer<SpacePage> action) {
    for (int i = from; i <= last; i++) {
      SpacePage page = pages[i];
      if (page != null) {
        action.accept(page);
      }
    }
  }

  /** Whether something holds for each page of a range, null where nothing is mapped. */
  boolean all(int from, int last, Predicate<@Nullable SpacePage> condition) {
    for (int i = from; i <= last; i++) {
      if (!condition.test(pages[i])) {
        return false;
      }
    }
    return true;
  }

  /** Returns which pages are mapped, and how: a class of shapes for coverage. */
  int shape() {
    int shape = 0;
    int kind = -1;
    for (SpacePage page : pages) {
      int now = page == null ? 0 : 1 + (page.isWritable() ? 1 : 0) + (page.locked ? 2 : 0);
      if (now != kind && now != 0) {
        shape++;
      }
      kind = now;
    }
    boolean shared = false;
    boolean locked = false;
    boolean copied = false;
    for (SpacePage page : pages) {
      shared |= page != null && page.contents.shared;
      locked |= page != null && page.locked;
      copied |= page != null && page.maybeCopied;
    }
    return shape | (shared ? 16 : 0) | (locked ? 32 : 0) | (copied ? 64 : 0);
  }
}
