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
  void releasingAnothersExclusiveLockIsAPanicThatChangesNothing() throws Exception {
    CompletableFuture.runAsync(lock::lockExclusive, task -> new Thread(task, "owner").start())
        .get(30, TimeUnit.SECONDS);

    assertThatThrownBy(lock::unlock)
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("lockmgr: not exclusive lock holder");
    assertThat(lock.holders().owner()).contains("owner");
    assertThat(lock.holders().readers()).isZero();
  }

  @Test
  void onlyASharedHolderUpgradesAndOnlyAnExclusiveOneDowngrades() {
    assertThatThrownBy(lock::upgrade).hasMessageStartingWith("lockmgr: upgrade exclusive lock");
    assertThatThrownBy(lock::downgrade)
        .hasMessageStartingWith("lockmgr: not holding exclusive lock");
    lock.lockExclusive();
    assertThatThrownBy(lock::upgrade).hasMessageStartingWith("lockmgr: upgrade exclusive lock");
    lock.downgrade();
    assertThatThrownBy(lock::downgrade)
        .hasMessageStartingWith("lockmgr: not holding exclusive lock");

    assertThat(lock.holders().readers()).isEqualTo(1);
    lock.unlock();
    assertThat(lock.isLocked()).isFalse();
  }

  @Test
  void ofTwoUpgradersTheSecondLosesItsSharedLock() throws Exception {
    lock.lockShared();
    CompletableFuture<Boolean> first =
        CompletableFuture.supplyAsync(
            () -> {
              lock.lockShared();
              boolean upgraded = lock.upgrade();
              lock.unlock();
              return upgraded;
            },
            task -> new Thread(task, "first").start());
    while (lock.holders().waiters().isEmpty()) {
      Thread.onSpinWait();
    }

    assertThat(lock.upgrade()).isFalse();

    assertThat(first.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(lock.isLocked()).isFalse();
    assertThatThrownBy(lock::unlock).isInstanceOf(KernelPanic.class);
  }

  @Test
  void anUpgradeComesBeforeAnExclusiveRequestThatWasThereFirst() throws Exception {
    lock.lockShared();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              lock.lockExclusive();
              lock.unlock();
            },
            task -> new Thread(task, "writer").start());
    while (lock.holders().waiters().isEmpty()) {
      Thread.onSpinWait();
    }

    assertThat(lock.upgrade()).isTrue();
    assertThat(lock.isHeldExclusively()).isTrue();
    assertThat(lock.holders().waiters())
        .singleElement()
        .satisfies(
            waiter -> {
              assertThat(waiter.thread()).isEqualTo("writer");
              assertThat(waiter.request()).isEqualTo("exclusive");
            });

    lock.unlock();
    writer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whoBlocksOnTheLockGivesItsTokensToOthers() throws Exception {
    Token token = new Token("vm_token", 0);
    lock.lockExclusive();
    CompletableFuture<Boolean> blocked =
        CompletableFuture.supplyAsync(
            () -> {
              token.get();
              token.get();
              lock.lockExclusive();
              boolean back = token.isHeld();
              lock.unlock();
              token.release();
              token.release();
              return back;
            },
            task -> new Thread(task).start());
    while (lock.holders().waiters().isEmpty()) {
      Thread.onSpinWait();
    }

    token.get();
    token.release();
    lock.unlock();

    assertThat(blocked.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(token.holder()).isNull();
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
