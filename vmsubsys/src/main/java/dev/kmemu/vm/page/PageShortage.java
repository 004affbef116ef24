package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import org.jspecify.annotations.Nullable;

/**
 * Waiting for free pages: {@code vm_wait}, {@code vm_waitpfault} and the call of the pageout
 * daemon. The daemon has no thread: whoever waits does its work first and sleeps only when that
 * gained nothing. Callers hold {@code vm_token}.
 */
public final class PageShortage {

  private final VmStats stats;
  private final SleepQueue sleepQueue;
  private @Nullable PageDaemon daemon;
  private boolean running;
  private boolean pagesNeeded;
  private boolean obstacles;

  /** Creates the state with nobody waiting. */
  public PageShortage(VmStats stats, SleepQueue sleepQueue) {
    this.stats = stats;
    this.sleepQueue = sleepQueue;
  }

  /** Starts the pageout daemon; until then waiters only sleep. */
  public void start(PageDaemon pageout) {
    daemon = pageout;
  }

  /**
   * {@code vm_wait}: returns when there may be more pages than before. The caller tries again and
   * comes back if it still has none.
   */
  public void waitForPages(String wmesg) {
    if (daemon == null || running || !gain(daemon)) {
      pagesNeeded = true;
      // The token is held since the last look at the counters, and the sleep is interlocked before
      // it goes: no page comes unnoticed.
      sleepQueue.sleep(stats, wmesg);
    }
  }

  private boolean gain(PageDaemon pageout) {
    long free = stats.get(VmCounter.FREE_COUNT);
    long usable = stats.freeAndCache();
    boolean othersWaited = pagesNeeded;
    LwktThread.Scope systemThread = LwktThread.current().asSystemThread();
    running = true;
    try {
      obstacles = pageout.run();
    } finally {
      running = false;
      systemThread.close();
    }
    if (!othersWaited && pagesNeeded) {
      // They came while the daemon slept and didn't do its work: now they can.
      wake();
    }
    return stats.freeAndCache() > usable || stats.get(VmCounter.FREE_COUNT) > free;
  }

  /** Returns the channel of those who wait. */
  public Object channel() {
    return stats;
  }

  /** Tells those who wait that the daemon may have work again: a page or swap became available. */
  public void poke() {
    if (pagesNeeded && !running) {
      wake();
    }
  }

  /** As {@link #poke}, for a page that is no longer busy or held. */
  void pokeAfterObstacle() {
    if (pagesNeeded && obstacles) {
      poke();
    }
  }

  /** {@code vm_page_free_wakeup}. */
  void wakeIfEnough() {
    if (pagesNeeded && !stats.isBelowMinimum()) {
      wake();
    }
  }

  private void wake() {
    pagesNeeded = false;
    sleepQueue.wakeup(stats);
  }

  /** Whether the daemon is at work. */
  public boolean isRunning() {
    return running;
  }

  /** Exchanges the state with a snapshot; nobody is waiting. */
  public void exchange(StateExchange state) {
    pagesNeeded = state.exchange(pagesNeeded);
    obstacles = state.exchange(obstacles);
  }
}
