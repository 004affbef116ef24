package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TokenTest {

  private final VmTokens tokens = VmTokens.create();
  private final SleepQueue queue = new SleepQueue();

  @Test
  void tokensAreRecursive() {
    tokens.vm().get();
    tokens.vmobj().get();
    tokens.vm().get();
    tokens.vm().release();
    tokens.vmobj().release();
    assertThat(tokens.vm().isHeld()).isTrue();
    tokens.vm().release();

    assertThat(tokens.vm().isHeld()).isFalse();
  }

  @Test
  void releaseInTheWrongOrderIsAPanic() {
    tokens.vm().get();
    tokens.vmobj().get();

    assertThatThrownBy(tokens.vm()::release).isInstanceOf(KernelPanic.class);
    tokens.vmobj().release();
    tokens.vm().release();
  }

  @Test
  void acquisitionAgainstTheRankIsAPanic() {
    tokens.vmobj().get();

    assertThatThrownBy(tokens.vm()::get)
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("lwkt_gettoken: out of order");
    tokens.vmobj().release();
  }

  @Test
  void moreThan32TokenReferencesAreAPanic() {
    for (int i = 0; i < 32; i++) {
      tokens.vm().get();
    }

    assertThatThrownBy(tokens.vm()::get).isInstanceOf(KernelPanic.class);
    for (int i = 0; i < 32; i++) {
      tokens.vm().release();
    }
  }

  @Test
  void aSleeperGivesItsTokensToOthersAndHasThemBackAfterwards() throws Exception {
    Object channel = new Object();
    AtomicBoolean entered = new AtomicBoolean();
    CompletableFuture<Boolean> sleeper =
        CompletableFuture.supplyAsync(
            () -> {
              tokens.vm().get();
              tokens.vm().get();
              tokens.vmobj().get();
              queue.sleep(channel, "test");
              boolean back = tokens.vm().isHeld() && tokens.vmobj().isHeld() && entered.get();
              tokens.vmobj().release();
              tokens.vm().release();
              tokens.vm().release();
              return back;
            },
            task -> new Thread(task).start());
    while (queue.sleepersOn(channel) == 0) {
      Thread.onSpinWait();
    }

    tokens.vm().get();
    entered.set(true);
    queue.wakeup(channel);
    tokens.vm().release();

    assertThat(sleeper.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aWakeupAfterTheInterlockEndsTheSleepThatFollows() {
    Object channel = new Object();
    queue.interlock(channel);
    queue.wakeup(channel);

    queue.sleepInterlocked(channel, "test");

    assertThat(queue.sleepersOn(channel)).isZero();
  }

  @Test
  void anInterruptIsKeptForAfterTheSleep() throws Exception {
    Object channel = new Object();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread sleeper =
        new Thread(
            () -> {
              queue.sleep(channel, "test");
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    sleeper.start();
    while (queue.sleepersOn(channel) == 0) {
      Thread.onSpinWait();
    }
    sleeper.interrupt();
    queue.wakeup(channel);

    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
  }
}
