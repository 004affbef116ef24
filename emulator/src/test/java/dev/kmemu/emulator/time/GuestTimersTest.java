package dev.kmemu.emulator.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CodeMeter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Timers over a clock that this test moves, and over the host's. */
@Timeout(60)
class GuestTimersTest {

  /** 4 bytes are a nanosecond. */
  private static final class HandMeter implements CodeMeter {
    long bytes;
    long alarm = Long.MAX_VALUE;

    @Override
    public long executedBytes() {
      return bytes;
    }

    @Override
    public void setExecutedBytes(long count) {
      bytes = count;
    }

    @Override
    public void setAlarm(long at) {
      alarm = at;
    }
  }

  private final HandMeter meter = new HandMeter();
  private final AtomicInteger wakes = new AtomicInteger();
  private final InstructionClock clock = new InstructionClock(meter);
  private final GuestTimers timers = new GuestTimers(clock, wakes::incrementAndGet);
  private final List<String> fired = new ArrayList<>();

  private GuestTimers.Timer timer(String name) {
    return timers.create(() -> fired.add(name + "@" + timers.now()));
  }

  private void runTo(long nanos) {
    meter.bytes = nanos * 4;
    timers.fireDue();
  }

  @Test
  void timersFireInTheOrderOfTheirDeadlinesAndThenOfTheirSetting() {
    timer("late").set(30);
    timer("first").set(10);
    timer("second").set(10);
    timer("middle").set(20);
    runTo(9);
    assertThat(fired).isEmpty();
    runTo(30);
    assertThat(fired).containsExactly("first@30", "second@30", "middle@30", "late@30");
    assertThat(timers.nextDeadline()).isEqualTo(GuestTimers.NONE);
    assertThat(meter.alarm).as("no alarm without a timer").isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theAlarmStandsAtTheEarliestDeadline() {
    GuestTimers.Timer early = timer("early");
    timer("late").set(30);
    assertThat(meter.alarm).isEqualTo(120);
    early.set(10);
    assertThat(meter.alarm).isEqualTo(40);
    early.set(40);
    assertThat(meter.alarm).isEqualTo(120);
    early.set(5);
    early.cancel();
    assertThat(meter.alarm).isEqualTo(120);
  }

  @Test
  void aCancelledTimerNeitherFiresNorCountsAsSet() {
    GuestTimers.Timer timer = timer("cancelled");
    timer.set(10);
    timer.cancel();
    timer.cancel();
    assertThat(timer.deadline()).isEqualTo(GuestTimers.NONE);
    runTo(20);
    assertThat(fired).isEmpty();
  }

  @Test
  void aTimerMayCancelAnotherThatIsDueToo() {
    GuestTimers.Timer victim = timer("victim");
    timers.create(victim::cancel).set(10);
    victim.set(11);
    runTo(20);
    assertThat(fired).isEmpty();
  }

  @Test
  void aTimerThatSetsItselfAgainFiresAgain() {
    List<GuestTimers.Timer> self = new ArrayList<>();
    self.add(
        timers.create(
            () -> {
              fired.add("tick@" + timers.now());
              self.get(0).set(timers.now() + 10);
            }));
    self.get(0).set(10);
    runTo(10);
    runTo(20);
    assertThat(fired).containsExactly("tick@10", "tick@20");
    assertThat(self.get(0).deadline()).isEqualTo(30);
    assertThat(meter.alarm).isEqualTo(120);
  }

  @Test
  void aTimerThatIsAlwaysDueLetsTheGuestRun() {
    List<GuestTimers.Timer> self = new ArrayList<>();
    self.add(
        timers.create(
            () -> {
              fired.add("again");
              self.get(0).set(timers.now());
            }));
    self.get(0).set(10);
    timer("other").set(10);
    runTo(10);
    assertThat(fired).contains("again", "other@10").hasSizeLessThanOrEqualTo(2);
    assertThat(meter.alarm).as("calls again at once").isLessThanOrEqualTo(meter.bytes);
  }

  @Test
  void timeJumpsToADeadlineAndTheAlarmOfTheNextFollows() {
    timer("first").set(100);
    timer("second").set(150);
    meter.bytes = 40;
    assertThat(timers.skipToDeadline()).isTrue();
    timers.fireDue();
    assertThat(fired).containsExactly("first@100");
    assertThat(meter.alarm).as("50 ns of code from here").isEqualTo(40 + 200);
    meter.bytes = 240;
    timers.fireDue();
    assertThat(fired).containsExactly("first@100", "second@150");
    assertThat(timers.skipToDeadline()).as("nothing to jump to").isFalse();
  }

  @Test
  void aDeadlineInThePastFiresAtOnce() {
    meter.bytes = 400;
    timer("past").set(-5);
    assertThat(meter.alarm).isLessThanOrEqualTo(400);
    timers.fireDue();
    assertThat(fired).containsExactly("past@100");
  }

  @Test
  void aClockThatIsSetMovesTheAlarmOfTheSameDeadline() {
    runTo(1);
    timer("waits").set(100);
    timers.skipToDeadline();
    clock.set(50, 0);
    timers.clockChanged();
    assertThat(meter.bytes).isEqualTo(200);
    assertThat(meter.alarm).isEqualTo(400);
    timers.fireDue();
    assertThat(fired).isEmpty();
  }

  @Test
  void thousandsOfTimersFireInOrder() {
    Random random = new Random(7);
    List<Long> deadlines = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    List<GuestTimers.Timer> all = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      long[] deadline = {0};
      GuestTimers.Timer timer = timers.create(() -> seen.add(deadline[0]));
      for (int settings = 1 + random.nextInt(3); settings > 0; settings--) {
        deadline[0] = random.nextInt(1000);
        timer.set(deadline[0]);
      }
      deadlines.add(deadline[0]);
      all.add(timer);
    }
    for (int i = 0; i < all.size(); i += 3) {
      all.get(i).cancel();
      deadlines.set(i, -1L);
    }
    deadlines.removeIf(deadline -> deadline < 0);
    Collections.sort(deadlines);
    for (long now = 0; now < 1000; now++) {
      runTo(now);
    }
    assertThat(seen).isEqualTo(deadlines);
  }

  @Test
  void anotherThreadsTimerMakesTheCpuLook() throws InterruptedException {
    runTo(1);
    timer("own").set(50);
    assertThat(wakes).as("the CPU's own").hasValue(0);
    Thread other = new Thread(() -> timer("other").set(20));
    other.start();
    other.join();
    assertThat(wakes).hasValue(1);
    assertThat(meter.alarm).isEqualTo(80);
  }

  @Test
  void theHostsClockWakesOnceForADeadlineAndNotWhileItStands() throws InterruptedException {
    WallClock clock = new WallClock();
    AtomicInteger woken = new AtomicInteger();
    CountDownLatch first = new CountDownLatch(1);
    try (GuestTimers wall =
        new GuestTimers(
            clock,
            () -> {
              woken.incrementAndGet();
              first.countDown();
            })) {
      CountDownLatch served = new CountDownLatch(1);
      wall.create(served::countDown).set(1_000_000);
      assertThat(clock.nanos()).as("the clock stands").isZero();
      wall.fireDue();
      assertThat(served.getCount()).isEqualTo(1);
      assertThat(woken).hasValue(0);
      clock.resume();
      wall.clockGoes();
      first.await();
      wall.fireDue();
      served.await();
      assertThat(woken).as("woken once, however long the CPU takes").hasValue(1);
    }
  }

  @Test
  void anEarlierDeadlineIsNotSleptThrough() throws InterruptedException {
    WallClock clock = new WallClock();
    clock.resume();
    CountDownLatch woken = new CountDownLatch(1);
    try (GuestTimers wall = new GuestTimers(clock, woken::countDown)) {
      wall.create(() -> {}).set(3600_000_000_000L);
      wall.create(() -> {}).set(clock.nanos() + 1_000_000);
      woken.await();
    }
  }
}
