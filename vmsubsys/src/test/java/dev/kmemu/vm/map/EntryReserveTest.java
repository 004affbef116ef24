package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryReserveTest {

  private final EntryReserve reserve = new EntryReserve();

  private void assertBalanced() {
    assertThat(reserve.balance()).isEqualTo(EntryReserve.INVARIANT).isEqualTo(10);
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
  void theKernelReserveLivesOffTheSeededEntries() {
    try (EntryReservation reservation = reserve.kreserve()) {
      reservation.create();
      reservation.create();
      assertBalanced();
      assertThatThrownBy(reservation::create)
          .isInstanceOf(KernelPanic.class)
          .hasMessageStartingWith("gd_vme_base NULL!");
      assertThatThrownBy(reserve::kreserve)
          .isInstanceOf(KernelPanic.class)
          .hasMessageStartingWith("no reserved entries left, gd_vme_avail = ");
    }
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
