package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockmgrLockTest {

  private final LockmgrLock lock = new LockmgrLock("thrd_sleep");

  @Test
  void lockingTwiceExclusivelyIsAPanic() {
    lock.lockExclusive();

    assertThatThrownBy(lock::lockExclusive)
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("lockmgr: locking against myself");
  }

  @Test
  void aSharedRequestOfTheOwnerDowngrades() throws Exception {
    lock.lockExclusive();
    lock.lockShared();

    assertThat(lock.isHeldExclusively()).isFalse();
    CompletableFuture.runAsync(
            () -> {
              lock.lockShared();
              lock.unlock();
            })
        .get(30, TimeUnit.SECONDS);
    lock.unlock();
    assertThat(lock.isLocked()).isFalse();
  }

  @Test
  void releasingWhatNobodyHoldsIsAPanic() {
    assertThatThrownBy(lock::unlock).isInstanceOf(KernelPanic.class);
    lock.lockExclusive();
    lock.unlock();
  }

  @Test
  void anUpgradeWaitsForTheOtherReaders() throws Exception {
    lock.lockShared();
    AtomicBoolean released = new AtomicBoolean();
    CompletableFuture<Boolean> upgrade =
        CompletableFuture.supplyAsync(
            () -> {
              lock.lockShared();
              boolean upgraded = lock.upgrade();
              assertThat(released).isTrue();
              lock.unlock();
              return upgraded;
            });
    released.set(true);
    lock.unlock();

    assertThat(upgrade.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(lock.isLocked()).isFalse();
  }

  @Test
  void readersWritersAndUpgradersNeverOverlap() throws Exception {
    long[] guarded = new long[2];
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int kind = t;
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  use(guarded, (kind + i) % 3);
                }
              },
              task -> new Thread(task).start()));
    }
    for (CompletableFuture<Void> thread : threads) {
      thread.get(50, TimeUnit.SECONDS);
    }

    assertThat(guarded[0]).isEqualTo(guarded[1]).isPositive();
    assertThat(lock.isLocked()).isFalse();
  }

  private void use(long[] guarded, int kind) {
    if (kind == 0) {
      lock.lockExclusive();
      guarded[0]++;
      guarded[1]++;
    } else {
      lock.lockShared();
      assertThat(guarded[0]).isEqualTo(guarded[1]);
      if (kind == 2) {
        if (!lock.upgrade()) {
          return;
        }
        guarded[0]++;
        guarded[1]++;
      }
    }
    lock.unlock();
  }
}
