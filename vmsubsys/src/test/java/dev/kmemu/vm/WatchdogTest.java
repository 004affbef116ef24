package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.report.WaitReport;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchdogTest {

  private final TestKernel kernel = TestKernel.small();
  private final VmMap buffer = submap("buffer_map");
  private final VmMap pager = submap("pager_map");

  private VmMap submap(String name) {
    return kernel.vm.kmem().suballoc(kernel.map(), name, 4 * PAGE).map();
  }

  @Test
  void aDeadlockOfTwoMapsIsReportedWithItsHoldersAndWaiters() {
    CyclicBarrier bothHold = new CyclicBarrier(2);
    Watchdog watchdog = new Watchdog(kernel.vm, Duration.ofSeconds(1));
    watchdog.start("first", () -> lockBoth(buffer, pager, bothHold));
    watchdog.start("second", () -> lockBoth(pager, buffer, bothHold));

    assertThatThrownBy(watchdog::join)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("nobody got on")
        .hasMessageContaining("map buffer_map locked by first, wanted exclusive by second")
        .hasMessageContaining("map pager_map locked by second, wanted exclusive by first");
  }

  private static void lockBoth(VmMap first, VmMap second, CyclicBarrier bothHold) throws Exception {
    first.lock();
    bothHold.await();
    second.lock();
  }

  @Test
  void aPanicOfAThreadIsPassedOn() {
    Watchdog watchdog = Watchdog.of(kernel);
    watchdog.start(
        "careless",
        () -> {
          buffer.lock();
          buffer.lock();
        });

    assertThatThrownBy(watchdog::join)
        .hasCauseInstanceOf(KernelPanic.class)
        .hasMessageContaining("lockmgr: locking against myself");
  }

  @Test
  void sleepersAndTokenHoldersAreNamed() throws Exception {
    Watchdog watchdog = Watchdog.of(kernel);
    kernel.vm.kmem().allocPageable(pager, 4 * PAGE).orThrow();
    watchdog.start("sleeper", () -> kernel.vm.kmem().allocWait(pager, PAGE));
    while (kernel.vm.sleepQueue().sleepersOn(pager) == 0
        || !WaitReport.of(kernel.vm).contains("sleeps")) {
      Thread.onSpinWait();
    }
    kernel.vm.tokens().vm().get();
    watchdog.start("waiter", () -> kernel.vm.pmap().reference());
    while (kernel.vm.tokens().vm().waiters().isEmpty()) {
      Thread.onSpinWait();
    }

    assertThat(WaitReport.of(kernel.vm))
        .contains("thread sleeper sleeps on pager_map, kmaw, for ")
        .contains(
            "token vm_token held by " + Thread.currentThread().getName() + ", wanted by waiter");

    kernel.vm.tokens().vm().release();
    kernel.vm.kmem().freeWakeup(pager, new VirtualAddress(pager.min()), PAGE);
    watchdog.join();
    assertThat(WaitReport.of(kernel.vm)).startsWith("nobody sleeps");
  }

  @Test
  void aSharedHolderIsCountedAndTheLastOneNamed() {
    pager.lockRead();

    assertThat(WaitReport.of(kernel.vm))
        .contains("map pager_map locked shared by 1, last by " + Thread.currentThread().getName());

    pager.unlock();
  }
}
