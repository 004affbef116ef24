package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.GuestAccess;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.GuestFault;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on an access that the CPU has made.
 *
 * @param <S> the kind of assertion
 */
public abstract class AccessAssert<S extends AccessAssert<S>>
    extends AbstractAssert<S, GuestAccess> {

  private final GuestCpu guest;

  AccessAssert(GuestCpu guest, GuestAccess access, Class<?> self) {
    super(access, self);
    this.guest = guest;
  }

  /** Verifies that it completed, with or without page faults that the VM served. */
  public S completes() {
    if (!actual.isCompleted()) {
      throw fails("to complete");
    }
    return myself;
  }

  /** Verifies that it completed without any page fault. */
  public S completesWithoutFault() {
    if (!actual.isCompleted() || !actual.served().isEmpty()) {
      throw fails("to complete without a page fault");
    }
    return myself;
  }

  /** Verifies that it completed after one page fault, which the VM served. */
  public S completesAfter(FaultPattern pattern) {
    List<GuestFault> served = actual.served();
    if (!actual.isCompleted() || served.size() != 1 || !pattern.matches(served.get(0))) {
      throw fails("to complete after one " + pattern);
    }
    return myself;
  }

  /** Verifies that an exception ended it which the VM could do nothing about. */
  public S faults(FaultPattern pattern) {
    if (actual.fault().filter(pattern::matches).isEmpty()) {
      throw fails("to end with " + pattern);
    }
    return myself;
  }

  /** Returns what came of the access. */
  public GuestAccess access() {
    return actual;
  }

  /** Returns a failure with all that is known of the address. */
  final AssertionError fails(String expected) {
    return failure("%s", AccessFailure.message(guest, actual, expected));
  }
}
