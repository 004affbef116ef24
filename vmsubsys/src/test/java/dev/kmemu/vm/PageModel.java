package dev.kmemu.vm;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What an address space of a few pages holds: a model too simple to be wrong. */
final class PageModel {

  private final FirstFitPropertyTest.@Nullable Kind[] pages;
  private final long firstPage;

  PageModel(int size, long base) {
    pages = new FirstFitPropertyTest.@Nullable Kind[size];
    firstPage = base >>> 12;
  }

  /** Takes the lowest free run whose address is a multiple of {@code align} pages; -1 for none. */
  int allocate(FirstFitPropertyTest.Kind kind, int count, int align) {
    for (int at = 0; at + count <= pages.length; at++) {
      if (Long.remainderUnsigned(firstPage + at, align) == 0 && isFree(at, count)) {
        Arrays.fill(pages, at, at + count, kind);
        return at;
      }
    }
    return -1;
  }

  void free(int at, int count) {
    Arrays.fill(pages, at, at + count, null);
  }

  FirstFitPropertyTest.@Nullable Kind kindAt(int page) {
    return pages[page];
  }

  long used() {
    return Arrays.stream(pages).filter(kind -> kind != null).count();
  }

  long count(FirstFitPropertyTest.Kind kind) {
    return Arrays.stream(pages).filter(k -> k == kind).count();
  }

  private boolean isFree(int at, int count) {
    for (int i = at; i < at + count; i++) {
      if (pages[i] != null) {
        return false;
      }
    }
    return true;
  }
}
