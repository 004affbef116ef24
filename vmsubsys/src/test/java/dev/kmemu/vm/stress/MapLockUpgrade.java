package dev.kmemu.vm.stress;

import dev.kmemu.vm.kern.LockmgrLock;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Of two shared holders who upgrade, one wins and has the lock for itself; the other has lost its
 * shared lock. Who upgrades when the other is through or not there yet wins as well.
 */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "the first wins")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "the second wins")
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "one after the other")
@Outcome(expect = Expect.FORBIDDEN, desc = "two winners at once, none, or a lock that stays")
@State
public class MapLockUpgrade {

  private static final int PATIENCE = 2000;

  private final LockmgrLock lock = new LockmgrLock("thrd_sleep");
  private final AtomicInteger arrived = new AtomicInteger();
  private int changes;

  /** Reads, then changes what it has read: 1, 0 for a loser, -1 if another changed it meanwhile. */
  @Actor
  public void first(III_Result r) {
    r.r1 = upgrade();
  }

  /** The same. */
  @Actor
  public void second(III_Result r) {
    r.r2 = upgrade();
  }

  /** Nobody holds the lock in the end. */
  @Arbiter
  public void end(III_Result r) {
    r.r3 = lock.isLocked() ? -1 : changes;
  }

  /** Waits for the other a while, so that both often hold the lock. */
  private void meet() {
    arrived.incrementAndGet();
    for (int i = 0; i < PATIENCE && arrived.get() < 2; i++) {
      Thread.onSpinWait();
    }
  }

  private int upgrade() {
    lock.lockShared();
    meet();
    int seen = changes;
    if (!lock.upgrade()) {
      return 0;
    }
    int result = changes == seen ? 1 : -1;
    changes = seen + 1;
    lock.unlock();
    return result;
  }
}
