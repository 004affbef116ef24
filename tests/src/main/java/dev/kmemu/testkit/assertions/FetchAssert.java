package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.GuestAccess;
import dev.kmemu.testkit.guest.GuestCpu;

/** Assertions on a fetch. */
public final class FetchAssert extends AccessAssert<FetchAssert> {

  FetchAssert(GuestCpu guest, GuestAccess access) {
    super(guest, access, FetchAssert.class);
  }
}
