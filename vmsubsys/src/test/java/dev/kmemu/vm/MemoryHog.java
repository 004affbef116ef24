package dev.kmemu.vm;

import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes memory short: takes free pages until there are next to none, and gives them all back once
 * somebody waits for memory. Never waits itself, so whoever waits goes on in the end.
 */
final class MemoryHog {

  private static final int LEFT_OVER = 16;
  private static final int AT_ONCE = 512;
  private static final long PAUSE_NANOS = 100_000;

  private final KernelVm vm;
  private final VmObject object;
  private final Deque<VmPage> pages = new ArrayDeque<>();
  private final AtomicInteger shortages = new AtomicInteger();
  private volatile boolean ended;
  private long nextIndex;

  MemoryHog(KernelVm vm) {
    this.vm = vm;
    this.object = vm.objects().allocate("hog", ObjectType.DEFAULT, Long.MAX_VALUE);
  }

  /** Returns how often somebody waited for memory. */
  int shortages() {
    return shortages.get();
  }

  /** Goes on until {@link #end}. */
  void run() {
    Token token = vm.tokens().vm();
    while (!ended) {
      token.get();
      if (vm.sleepQueue().sleepersOn(vm.shortage().channel()) > 0) {
        shortages.incrementAndGet();
        giveBack();
      } else {
        take();
      }
      token.release();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    token.get();
    giveBack();
    token.release();
  }

  void end() {
    ended = true;
  }

  /** Ends the object that held the pages, once {@link #run} has returned. */
  void close() {
    vm.objects().deallocate(object);
  }

  private void take() {
    long limit = vm.stats().get(VmCounter.FREE_RESERVED) + LEFT_OVER;
    for (int i = 0; i < AT_ONCE && vm.stats().get(VmCounter.FREE_COUNT) > limit; i++) {
      VmPage page = vm.allocator().alloc(object, nextIndex++, AllocRequest.NORMAL);
      if (page == null) {
        return;
      }
      pages.push(page);
    }
  }

  private void giveBack() {
    while (!pages.isEmpty()) {
      vm.allocator().free(pages.pop());
    }
  }
}
