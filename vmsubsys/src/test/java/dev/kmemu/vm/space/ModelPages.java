package dev.kmemu.vm.space;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The pages of a space as the model has them; null where nothing is mapped. */
final class ModelPages {

  private final @Nullable ModelPage[] pages;

  ModelPages(int count) {
    pages = new @Nullable ModelPage[count];
  }

  int count() {
    return pages.length;
  }

  @Nullable ModelPage at(int page) {
    return pages[page];
  }

  /** Returns {@code mapped}, which is mapped now. */
  ModelPage put(int page, ModelPage mapped) {
    pages[page] = mapped;
    return mapped;
  }

  void clear(int from, int to) {
    Arrays.fill(pages, from, to, null);
  }

  /** Does something to the mapped pages of a range. */
  void forEach(int from, int to, Consumer<ModelPage> action) {
    for (int i = from; i < to; i++) {
      ModelPage page = pages[i];
      if (page != null) {
        action.accept(page);
      }
    }
  }

  boolean all(int from, int to, Predicate<@Nullable ModelPage> condition) {
    for (int i = from; i < to; i++) {
      if (!condition.test(pages[i])) {
        return false;
      }
    }
    return true;
  }

  boolean areFree(int from, int to) {
    return all(from, to, page -> page == null);
  }

  boolean areMapped(int from, int to) {
    return all(from, to, page -> page != null);
  }

  /** Returns what a fork gives to the child. */
  ModelPages inherited() {
    ModelPages copies = new ModelPages(pages.length);
    for (int i = 0; i < pages.length; i++) {
      ModelPage page = pages[i];
      copies.pages[i] = page == null ? null : page.inherited();
    }
    return copies;
  }

  /** Returns the mapped pages and what they hold. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pages.length; i++) {
      ModelPage page = pages[i];
      if (page != null) {
        text.append(String.format(", %d: 0x%x", i, page.word()));
      }
    }
    return text.toString();
  }
}
