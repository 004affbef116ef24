package dev.kmemu.vm.stress;

import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.EntryReserve;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** However reservations overlap, listLength - available - outstanding stays the same. */
@JCStressTest
@Outcome(id = "10, 10, 10", expect = Expect.ACCEPTABLE, desc = "balanced at any time")
@Outcome(expect = Expect.FORBIDDEN, desc = "an entry is counted twice or not at all")
@State
public class EntryReservationBalance {

  private final EntryReserve reserve = new EntryReserve(1);

  /** Reserves, allocating. */
  @Actor
  public void reserving(III_Result r) {
    try (EntryReservation held = reserve.reserve()) {
      r.r1 = held == null ? 0 : reserve.balance(0);
    }
  }

  /** Digs into the kernel's reserve. */
  @Actor
  public void kernelReserving(III_Result r) {
    try (EntryReservation held = reserve.kreserve()) {
      r.r2 = held == null ? 0 : reserve.balance(0);
    }
  }

  /** Looks at the rest. */
  @Arbiter
  public void balance(III_Result r) {
    r.r3 = reserve.balance(0);
  }
}
