package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryReserveTest {

  private final EntryReserve reserve = new EntryReserve(1);

  private void assertBalanced() {
    assertThat(reserve.balance(0)).isEqualTo(EntryReserve.INVARIANT).isEqualTo(10);
  }

  @Test
  void theBalanceHoldsThroughReservationCreationAndRelease() {
    assertBalanced();
    try (EntryReservation reservation = reserve.reserve()) {
      assertBalanced();
      reservation.create();
      assertBalanced();
    }
    assertBalanced();
  }

  @Test
  void manyReservationsAtOnceAndTheirReleaseKeepTheBalance() {
    List<EntryReservation> held = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      held.add(reserve.reserve());
      assertBalanced();
    }
    held.forEach(EntryReservation::close);
    assertBalanced();
  }

  @Test
  void theKernelReserveLivesOffTheSeededEntriesAndOwesThem() {
    try (EntryReservation reservation = reserve.kreserve()) {
      assertThat(reserve.available(0)).isEqualTo(-12);
      reservation.create();
      reservation.create();
      assertBalanced();
      assertThat(reserve.available(0)).as("nothing was allocated").isEqualTo(-12);
    }
    assertThat(reserve.available(0)).isEqualTo(-10);

    reserve.reserve(0).close();

    assertThat(reserve.available(0)).as("reserve(0) pays back").isZero();
    assertBalanced();
  }

  @Test
  void aReservationGivesNoMoreThanItHas() {
    try (EntryReservation reservation = reserve.reserve()) {
      for (int i = 0; i < EntryReserve.RESERVE_COUNT; i++) {
        reservation.create();
      }
      assertThatThrownBy(reservation::create).isInstanceOf(KernelPanic.class);
    }
    assertBalanced();
  }
}
