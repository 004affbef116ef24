package dev.kmemu.vm.stress;

import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Token;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A sleeper's token is free for the waker and back afterwards, and no wakeup between the test and
 * the sleep is lost: that would never end.
 */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "the token is back, the write visible")
@Outcome(expect = Expect.FORBIDDEN, desc = "the sleeper went on without its token")
@State
public class TokenAcrossSleep {

  private final Token token = new Token("token", 0);
  private final SleepQueue queue = new SleepQueue();
  private int guarded;

  /** Sleeps until there is something. */
  @Actor
  public void sleeper(II_Result r) {
    token.get();
    while (guarded == 0) {
      queue.sleep(this, "test");
    }
    r.r1 = token.isHeld() ? 1 : 0;
    r.r2 = guarded;
    token.release();
  }

  /** Writes twice under the token; the sleeper may see neither or both. */
  @Actor
  public void waker() {
    token.get();
    guarded = 1;
    queue.wakeup(this);
    guarded = 2;
    token.release();
  }
}
