package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.LwktThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The reserves of map entries of several virtual CPUs. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CpuEntriesTest {

  private static final int CPUS = EntryReserve.MAX_CPUS;

  private final EntryReserve reserve = new EntryReserve(CPUS);

  private void assertBalanced() {
    for (int cpu = 0; cpu < CPUS; cpu++) {
      assertThat(reserve.balance(cpu)).as("cpu %d", cpu).isEqualTo(EntryReserve.INVARIANT);
    }
  }

  @Test
  void theNumberOfCpusIsLimited() {
    assertThatThrownBy(() -> new EntryReserve(0)).hasMessageContaining("1 to 16, got 0");
    assertThatThrownBy(() -> new EntryReserve(17)).hasMessageContaining("got 17");
  }

  @Test
  void aThreadUsesThePoolOfItsCpuAndOnlyThat() {
    int mine = LwktThread.current().cpu(CPUS);
    int other = (mine + 1) % CPUS;

    try (EntryReservation reservation = reserve.reserve()) {
      reservation.create();
      assertBalanced();
    }

    assertThat(reserve.available(mine)).isEqualTo(3);
    assertThat(reserve.available(other)).isEqualTo(-8);
  }

  @Test
  void aReservationClosedByAnotherThreadGoesBackWhereItCameFrom() throws Exception {
    int mine = LwktThread.current().cpu(CPUS);
    EntryReservation reservation = reserve.reserve();

    ExecutorService executor = Executors.newFixedThreadPool(2);
    for (int i = 0; i < 2; i++) {
      executor.submit(() -> LwktThread.current().cpu(CPUS)).get();
    }
    executor.submit(reservation::close).get();
    executor.shutdown();

    assertThat(reserve.available(mine)).isEqualTo(4);
    assertBalanced();
  }

  /** Upstream's boot zone has 256 entries, and a CPU takes 12 for its first reservation alone. */
  @Test
  void sixteenCpusWithManyOperationsAtOnceDoNotRunDryAtBoot() throws Exception {
    List<EntryReservation> held = new ArrayList<>();
    onThreads(
        4 * CPUS,
        () -> {
          for (int i = 0; i < 3; i++) {
            EntryReservation reservation = reserve.reserve();
            for (int n = 0; n < EntryReserve.RESERVE_COUNT; n++) {
              reservation.create();
            }
            synchronized (held) {
              held.add(reservation);
            }
          }
        });

    assertThat(held).hasSize(12 * CPUS);
    assertBalanced();
    held.forEach(EntryReservation::close);
    assertBalanced();
  }

  /** Upstream panics with the third: "no reserved entries left", or "gd_vme_base NULL!". */
  @Test
  void anyNumberOfThreadsOnOneCpuMayLiveOffTheKernelReserveAtOnce() throws Exception {
    EntryReserve one = new EntryReserve(1);
    List<EntryReservation> held = new ArrayList<>();
    onThreads(
        20,
        () -> {
          EntryReservation reservation = one.kreserve();
          reservation.create();
          reservation.create();
          synchronized (held) {
            held.add(reservation);
          }
        });

    assertThat(held).hasSize(20);
    assertThat(one.balance(0)).isEqualTo(EntryReserve.INVARIANT);
    held.forEach(EntryReservation::close);
    one.reserve(0).close();
    assertThat(one.balance(0)).isEqualTo(EntryReserve.INVARIANT);
    assertThat(one.available(0)).isNotNegative();
  }

  /** All threads are alive until the last has run, so that none lends its CPU to another. */
  private static void onThreads(int count, Runnable body) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(count);
    CountDownLatch done = new CountDownLatch(count);
    List<Future<?>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(
          executor.submit(
              () -> {
                try {
                  body.run();
                } finally {
                  done.countDown();
                }
                done.await();
                return null;
              }));
    }
    for (Future<?> result : results) {
      result.get();
    }
    executor.shutdown();
  }
}
