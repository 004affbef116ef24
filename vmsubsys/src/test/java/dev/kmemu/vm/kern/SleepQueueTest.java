package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SleepQueueTest {

  private static final long MILLISECOND = 1_000_000;
  private static final long FOREVER = 0;

  private final PanicState panics = new PanicState();
  private final SleepQueue queue = new SleepQueue(panics);
  private final Object channel = new Object();

  @AfterEach
  void nobodySleeps() {
    assertThat(queue.sleepers()).isEmpty();
    assertThat(queue.sleepersOn(channel)).isZero();
  }

  private CompletableFuture<SleepOutcome> sleeper(Object on, int flags) {
    CompletableFuture<SleepOutcome> outcome = new CompletableFuture<>();
    int before = queue.sleepersOn(on);
    new Thread(() -> outcome.complete(queue.tsleep(on, flags, "test", FOREVER))).start();
    while (queue.sleepersOn(on) == before) {
      Thread.onSpinWait();
    }
    return outcome;
  }

  @Test
  void aWakeupEndsAllSleepsOnItsChannelAndNoOthers() throws Exception {
    Object other = new Object();
    List<CompletableFuture<SleepOutcome>> sleepers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sleepers.add(sleeper(channel, 0));
    }
    CompletableFuture<SleepOutcome> bystander = sleeper(other, 0);

    queue.wakeup(channel);

    for (CompletableFuture<SleepOutcome> sleeper : sleepers) {
      assertThat(sleeper.get(30, TimeUnit.SECONDS)).isEqualTo(SleepOutcome.WOKEN);
    }
    assertThat(queue.sleepersOn(other)).isEqualTo(1);
    queue.wakeup(other);
    assertThat(bystander.get(30, TimeUnit.SECONDS)).isEqualTo(SleepOutcome.WOKEN);
  }

  @Test
  void equalChannelsAreDifferentOnes() {
    queue.interlock(channel);
    queue.wakeup(List.of());
    queue.interlock(new String("channel"));
    queue.wakeup(new String("channel"));

    assertThat(queue.tsleep(channel, 0, "test", MILLISECOND)).isEqualTo(SleepOutcome.TIMED_OUT);
  }

  @Test
  void withoutAnInterlockAnEarlierWakeupIsForgotten() {
    queue.wakeup(channel);

    assertThat(queue.tsleep(channel, 0, "test", MILLISECOND)).isEqualTo(SleepOutcome.TIMED_OUT);
  }

  @Test
  void withAnInterlockTheWakeupInBetweenEndsTheSleep() {
    queue.interlock(channel);
    queue.wakeup(channel);

    assertThat(queue.tsleep(channel, SleepQueue.PINTERLOCKED, "test", FOREVER))
        .isEqualTo(SleepOutcome.WOKEN);
  }

  @Test
  void theLastInterlockCounts() {
    Object other = new Object();
    queue.interlock(other);
    queue.interlock(channel);
    queue.wakeup(other);

    assertThat(queue.sleepersOn(channel)).isEqualTo(1);
    assertThat(queue.tsleep(channel, SleepQueue.PINTERLOCKED, "test", MILLISECOND))
        .isEqualTo(SleepOutcome.TIMED_OUT);
  }

  @Test
  void anInterlockInAnotherKernelDoesNotHideTheNextSleep() {
    SleepQueue elsewhere = new SleepQueue();
    elsewhere.interlock(channel);
    queue.interlock(channel);

    assertThat(elsewhere.sleepersOn(channel)).isZero();
    queue.wakeup(channel);
    assertThat(queue.tsleep(channel, SleepQueue.PINTERLOCKED, "test", FOREVER))
        .isEqualTo(SleepOutcome.WOKEN);
  }

  @Test
  void anInterruptEndsASleepThatCatchesItAndStaysPending() {
    Thread.currentThread().interrupt();

    assertThat(queue.tsleep(channel, SleepQueue.PCATCH, "test", FOREVER))
        .isEqualTo(SleepOutcome.INTERRUPTED);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptWhileAsleepEndsTheSleepToo() throws Exception {
    CompletableFuture<SleepOutcome> outcome = new CompletableFuture<>();
    Thread sleeper =
        new Thread(
            () -> outcome.complete(queue.tsleep(channel, SleepQueue.PCATCH, "test", FOREVER)));
    sleeper.start();
    while (queue.sleepers().isEmpty()) {
      Thread.onSpinWait();
    }
    sleeper.interrupt();

    assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(SleepOutcome.INTERRUPTED);
  }

  @Test
  void anInterruptIsKeptForAfterAnUninterruptibleSleepThatTimesOut() {
    Thread.currentThread().interrupt();

    assertThat(queue.tsleep(channel, 0, "test", MILLISECOND)).isEqualTo(SleepOutcome.TIMED_OUT);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aWakeupBeatsAnInterrupt() {
    queue.interlock(channel);
    queue.wakeup(channel);
    Thread.currentThread().interrupt();

    assertThat(queue.tsleep(channel, SleepQueue.PCATCH | SleepQueue.PINTERLOCKED, "test", FOREVER))
        .isEqualTo(SleepOutcome.WOKEN);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void afterAPanicNobodySleeps() {
    queue.interlock(channel);
    panics.record(new KernelPanic("page fault"));
    panics.record(new KernelPanic("another"));

    assertThat(queue.tsleep(channel, SleepQueue.PINTERLOCKED, "test", FOREVER))
        .isEqualTo(SleepOutcome.WOKEN);
    assertThat(queue.tsleep(channel, 0, "test", FOREVER)).isEqualTo(SleepOutcome.WOKEN);
    assertThat(panics.first()).get().extracting(KernelPanic::text).isEqualTo("page fault");
  }

  @Test
  void afterAPanicAThreadThatSleepsInALoopLetsOthersHaveItsTokens() throws Exception {
    Token token = new Token("vm_token", 0);
    AtomicBoolean had = new AtomicBoolean();
    CompletableFuture<Void> looping = new CompletableFuture<>();
    panics.record(new KernelPanic("page fault"));
    Thread sleeper =
        new Thread(
            () -> {
              token.get();
              looping.complete(null);
              while (!had.get()) {
                queue.sleep(channel, "vmwait");
              }
              token.release();
            });
    sleeper.start();
    looping.get(30, TimeUnit.SECONDS);

    token.get();
    had.set(true);
    token.release();

    sleeper.join();
    assertThat(token.holder()).isNull();
  }

  @Test
  void theSleeperTellsWhatItWaitsFor() throws Exception {
    CompletableFuture<SleepOutcome> outcome = new CompletableFuture<>();
    CompletableFuture<LwktThread> td = new CompletableFuture<>();
    new Thread(
            () -> {
              td.complete(LwktThread.current());
              outcome.complete(queue.tsleep(channel, 0, "kmaw", FOREVER));
            },
            "waiter")
        .start();
    LwktThread thread = td.get(30, TimeUnit.SECONDS);
    while (queue.sleepers().isEmpty()) {
      Thread.onSpinWait();
    }

    assertThat(thread.waitChannel()).isSameAs(channel);
    assertThat(thread.wmesg()).isEqualTo("kmaw");
    assertThat(queue.sleepers())
        .singleElement()
        .satisfies(
            sleeper -> {
              assertThat(sleeper.thread()).isEqualTo("waiter");
              assertThat(sleeper.wmesg()).isEqualTo("kmaw");
              assertThat(sleeper.channel()).isEqualTo(channel.toString());
              assertThat(sleeper.nanos()).isNotNegative();
            });

    queue.wakeup(channel);
    outcome.get(30, TimeUnit.SECONDS);
    assertThat(thread.waitChannel()).isNull();
    assertThat(thread.wmesg()).isNull();
  }

  @Test
  void aTimedOutSleepHasItsTokensBack() {
    Token token = new Token("vm_token", 0);
    token.get();

    assertThat(queue.tsleep(channel, 0, "test", MILLISECOND)).isEqualTo(SleepOutcome.TIMED_OUT);
    assertThat(token.isHeld()).isTrue();
    token.release();
    assertThat(token.holder()).isNull();
  }
}
