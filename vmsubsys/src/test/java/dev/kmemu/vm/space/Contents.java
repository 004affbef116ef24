package dev.kmemu.vm.space;

/** What a page of memory holds. Pages of several spaces are one page when they have the same. */
final class Contents {

  /** The first word; the others are zero. */
  long word;

  /** Whether a fork has given the page to another space as well. */
  boolean shared;

  Contents(long word) {
    this.word = word;
  }
}
