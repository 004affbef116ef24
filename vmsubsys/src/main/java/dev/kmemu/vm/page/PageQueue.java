package dev.kmemu.vm.page;

import org.jspecify.annotations.Nullable;

/** One paging queue, linked through its pages. */
final class PageQueue {

  final short index;
  private @Nullable VmPage head;
  private @Nullable VmPage tail;
  private int length;

  PageQueue(int index) {
    this.index = (short) index;
  }

  @Nullable VmPage head() {
    return head;
  }

  @Nullable VmPage tail() {
    return tail;
  }

  int length() {
    return length;
  }

  void addHead(VmPage page) {
    page.nextOnQueue = head;
    page.prevOnQueue = null;
    if (head == null) {
      tail = page;
    } else {
      head.prevOnQueue = page;
    }
    head = page;
    page.queue = index;
    length++;
  }

  void addTail(VmPage page) {
    page.prevOnQueue = tail;
    page.nextOnQueue = null;
    if (tail == null) {
      head = page;
    } else {
      tail.nextOnQueue = page;
    }
    tail = page;
    page.queue = index;
    length++;
  }

  void remove(VmPage page) {
    VmPage next = page.nextOnQueue;
    VmPage previous = page.prevOnQueue;
    if (next == null) {
      tail = previous;
    } else {
      next.prevOnQueue = previous;
    }
    if (previous == null) {
      head = next;
    } else {
      previous.nextOnQueue = next;
    }
    page.nextOnQueue = null;
    page.prevOnQueue = null;
    page.queue = PageQueueIndex.NONE;
    length--;
  }

  void relink(VmPage[] pages, int[] numbers, int from, int count) {
    VmPage previous = null;
    head = null;
    for (int i = from; i < from + count; i++) {
      VmPage page = pages[numbers[i]];
      link(page, previous, i + 1 < from + count ? pages[numbers[i + 1]] : null);
      if (previous == null) {
        head = page;
      }
      previous = page;
    }
    tail = previous;
    length = count;
  }

  /** Sets a page's links, writing only what changes. */
  static void link(VmPage page, @Nullable VmPage previous, @Nullable VmPage next) {
    if (page.prevOnQueue != previous) {
      page.prevOnQueue = previous;
    }
    if (page.nextOnQueue != next) {
      page.nextOnQueue = next;
    }
  }
}
