package dev.kmemu.campaign;

import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** Pmaps that do all that they must as long as one thread uses them. */
public final class PmapsBrokenByThreads {

  private static final long TICK_NANOS = 10_000_000;

  private PmapsBrokenByThreads() {}

  /** Sleeps in {@code pmap_enter}, and goes on with the count that it had read before. */
  public static final class CountReadBeforeSleep implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wires) {
          long wired = pmap.statistics().wiredCount();
          context.sleepQueue().tsleep(pmap, 0, "pmptpw", TICK_NANOS);
          long lost = pmap.statistics().wiredCount() - wired;
          target().enter(pmap, va, page, prot, wires);
          pmap.statistics().addWired((int) -lost);
        }
      };
    }
  }

  /** Has a lock for longer removals, and wakes nobody who waits for it to enter a page. */
  public static final class NoWakeup implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      SleepQueue sleepQueue = context.sleepQueue();
      return new ForwardingPmap(new StandardPmap(context)) {
        private boolean busy;

        @Override
        public void remove(Pmap pmap, long start, long end) {
          if (busy || end - start == 4096) {
            target().remove(pmap, start, end);
            return;
          }
          busy = true;
          target().remove(pmap, start, end);
          sleepQueue.tsleep(pmap, 0, "pmackw", TICK_NANOS);
          busy = false;
        }

        @Override
        public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
          while (busy) {
            sleepQueue.sleep(this, "pmbusy");
          }
          target().enter(pmap, va, page, prot, wired);
        }

        @Override
        public String toString() {
          return "a pmap";
        }
      };
    }
  }
}
