package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.GuestAccess;
import dev.kmemu.testkit.guest.GuestCpu;

/** Assertions on a store. */
public final class StoreAssert extends AccessAssert<StoreAssert> {

  StoreAssert(GuestCpu guest, GuestAccess access) {
    super(guest, access, StoreAssert.class);
  }
}
