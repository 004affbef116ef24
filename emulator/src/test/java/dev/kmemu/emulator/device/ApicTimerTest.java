package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The local APIC's timer: 25 MHz before its divider (Intel SDM vol. 3A, 10.5.4). */
class ApicTimerTest {

  private static final int EOI = 0xB0;
  private static final int LVT = 0x320;
  private static final int INITIAL = 0x380;
  private static final int CURRENT = 0x390;
  private static final int DIVIDE = 0x3E0;
  private static final int PERIODIC = 1 << 17;
  private static final int DEADLINE = 2 << 17;
  private static final int MASKED = 1 << 16;
  private static final int DEADLINE_MSR = 0x6E0;
  private static final int BY_ONE = 0xB;

  private final HandClock time = new HandClock();
  private long ahead;
  private final LocalApic apic =
      new LocalApic(time.timers, new InterruptLine(() -> {}), () -> ahead, () -> {});
  private final ApicAccess page = new ApicAccess(apic, enabled -> {});

  private int in(int register) {
    return (int) page.read(register, 4);
  }

  private void out(int register, int value) {
    page.write(register, 4, value);
  }

  private int fired() {
    int times = 0;
    while (apic.isPending()) {
      assertThat(apic.acknowledge()).isEqualTo(0x40);
      out(EOI, 0);
      times++;
    }
    return times;
  }

  @Test
  void oneShotCountsDownAndFiresOnce() {
    out(DIVIDE, BY_ONE);
    out(LVT, 0x40);
    out(INITIAL, 1000);
    time.advance(39_960);
    assertThat(in(CURRENT)).isEqualTo(1);
    assertThat(fired()).isZero();
    time.advance(40);
    assertThat(fired()).isOne();
    assertThat(in(CURRENT)).isZero();
    assertThat(in(INITIAL)).isEqualTo(1000);
    time.advance(1_000_000);
    assertThat(fired()).isZero();
  }

  @Test
  void theDividerGoesFromTwoTo128AndToOne() {
    int[] dividers = {0, 1, 2, 3, 8, 9, 10, 11};
    int[] factors = {2, 4, 8, 16, 32, 64, 128, 1};
    out(LVT, 0x40);
    for (int i = 0; i < dividers.length; i++) {
      out(DIVIDE, dividers[i]);
      assertThat(in(DIVIDE)).isEqualTo(dividers[i]);
      out(INITIAL, 10);
      time.advance(400L * factors[i] - 1);
      assertThat(fired()).as("by %d, too early", factors[i]).isZero();
      time.advance(1);
      assertThat(fired()).as("by %d", factors[i]).isOne();
    }
  }

  @Test
  void periodicFiresAgainAndAgainUntilZeroIsWritten() {
    out(DIVIDE, BY_ONE);
    out(LVT, PERIODIC | 0x40);
    out(INITIAL, 100);
    for (int i = 0; i < 5; i++) {
      time.advance(4000);
      assertThat(fired()).isOne();
    }
    time.advance(1000);
    assertThat(in(CURRENT)).isEqualTo(75);
    out(INITIAL, 0);
    assertThat(in(CURRENT)).isZero();
    time.advance(10_000);
    assertThat(fired()).isZero();
  }

  @Test
  void aMaskedTimerCountsAndDoesNotInterrupt() {
    out(DIVIDE, BY_ONE);
    out(LVT, MASKED | 0x40);
    out(INITIAL, 100);
    time.advance(2000);
    assertThat(in(CURRENT)).isEqualTo(50);
    time.advance(2000);
    assertThat(fired()).isZero();
  }

  @Test
  void aNewDividerTakesWhatIsLeftOfTheCount() {
    out(DIVIDE, BY_ONE);
    out(LVT, 0x40);
    out(INITIAL, 100);
    time.advance(2000);
    out(DIVIDE, 0);
    assertThat(in(CURRENT)).isEqualTo(50);
    time.advance(3999);
    assertThat(fired()).isZero();
    time.advance(1);
    assertThat(fired()).isOne();
  }

  @Test
  void aDeadlineIsAValueOfTheTsc() {
    ahead = 1_000_000;
    out(LVT, DEADLINE | 0x40);
    assertThat(page.write(DEADLINE_MSR, 1_005_000L)).isTrue();
    assertThat(page.read(DEADLINE_MSR)).isEqualTo(1_005_000L);
    time.advance(4999);
    assertThat(fired()).isZero();
    time.advance(1);
    assertThat(fired()).isOne();
    assertThat(page.read(DEADLINE_MSR)).as("disarmed").isZero();
    page.write(DEADLINE_MSR, 7L);
    assertThat(fired()).as("one that is past fires at once").isOne();
    page.write(DEADLINE_MSR, 2_000_000L);
    page.write(DEADLINE_MSR, 0L);
    time.advance(5_000_000);
    assertThat(fired()).isZero();
  }

  @Test
  void anotherTscMovesTheDeadline() {
    out(LVT, DEADLINE | 0x40);
    page.write(DEADLINE_MSR, 10_000L);
    ahead = 9_000;
    apic.timeStampChanged();
    time.advance(1_000);
    assertThat(fired()).isOne();
  }

  @Test
  void countsBelongToTheCountingModesAndDeadlinesToTheirs() {
    out(LVT, DEADLINE | 0x40);
    out(INITIAL, 100);
    assertThat(in(CURRENT)).isZero();
    out(LVT, 0x40);
    page.write(DEADLINE_MSR, 10_000L);
    assertThat(page.read(DEADLINE_MSR)).isZero();
    out(INITIAL, 100);
    out(LVT, DEADLINE | 0x40);
    time.advance(1_000_000);
    assertThat(fired()).as("the change disarmed it").isZero();
  }

  @Test
  void aStateThatIsPutBackGoesOn() {
    out(DIVIDE, BY_ONE);
    out(LVT, PERIODIC | 0x40);
    out(INITIAL, 100);
    time.advance(1000);
    var state = apic.capture();
    out(INITIAL, 0);
    out(LVT, DEADLINE | 0x40);
    state.restore();
    assertThat(in(CURRENT)).isEqualTo(75);
    time.advance(3000);
    assertThat(fired()).isOne();
  }
}
