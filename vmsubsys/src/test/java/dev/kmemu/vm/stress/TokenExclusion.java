package dev.kmemu.vm.stress;

import dev.kmemu.vm.kern.Token;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** What two holders of a token do to plain memory is done one after the other. */
@JCStressTest
@Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "all additions count")
@Outcome(expect = Expect.FORBIDDEN, desc = "an addition is lost")
@State
public class TokenExclusion {

  private final Token token = new Token("token", 0);
  private int guarded;

  /** Adds twice under one hold of the token, taken recursively. */
  @Actor
  public void first() {
    add();
  }

  /** The same. */
  @Actor
  public void second() {
    add();
  }

  private void add() {
    token.get();
    guarded++;
    token.get();
    guarded++;
    token.release();
    token.release();
  }

  /** Reads the sum. */
  @Arbiter
  public void sum(I_Result r) {
    r.r1 = guarded;
  }
}
