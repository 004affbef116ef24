package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.GuestAccess;
import dev.kmemu.testkit.guest.GuestCpu;

/** Assertions on a load. */
public final class LoadAssert extends AccessAssert<LoadAssert> {

  LoadAssert(GuestCpu guest, GuestAccess access) {
    super(guest, access, LoadAssert.class);
  }

  /** Verifies that it loaded zero. */
  public LoadAssert isZero() {
    return isEqualTo(0);
  }

  /** Verifies what it loaded, zero-extended. */
  public LoadAssert isEqualTo(long value) {
    if (!actual.isCompleted() || actual.value() != value) {
      throw fails(String.format("to load 0x%x", value));
    }
    return this;
  }
}
