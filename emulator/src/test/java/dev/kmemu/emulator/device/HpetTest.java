package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The event timer by its registers (IA-PC HPET specification 1.0a, 2.3). A count is 10 ns. */
class HpetTest {

  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xF0;
  private static final int RUNS = 1;
  private static final int REPLACES = 2;
  private static final int LEVEL = 1 << 1;
  private static final int INTERRUPTS = 1 << 2;
  private static final int PERIODIC = 1 << 3;
  private static final int SETS_ACCUMULATOR = 1 << 6;
  private static final int NARROW = 1 << 8;
  private static final int INPUTS = 0xF0_0000;

  private final HandClock time = new HandClock();

  /** What went up, with its time in counts: "irq0@5". */
  private final List<String> edges = new ArrayList<>();

  private final ReplacedLine timer = new ReplacedLine(pin("irq0"));
  private final ReplacedLine clock = new ReplacedLine(pin("irq8"));
  private final Hpet hpet =
      new Hpet(time.timers, timer, clock, input -> pin("input" + input), INPUTS);
  private final boolean[] high = new boolean[1];

  private InterruptPin pin(String name) {
    return up -> {
      if (up) {
        edges.add(name + "@" + time.clock.nanos() / 10);
      }
      if (name.startsWith("input")) {
        high[0] = up;
      }
    };
  }

  private long read(int register) {
    return (hpet.read(register, 4) & 0xFFFF_FFFFL) | hpet.read(register + 4, 4) << 32;
  }

  private void write(int register, long value) {
    hpet.write(register, 4, value & 0xFFFF_FFFFL);
  }

  private void write64(int register, long value) {
    write(register, value);
    write(register + 4, value >>> 32);
  }

  private static int configurationOf(int number) {
    return 0x100 + 0x20 * number;
  }

  private static int comparatorOf(int number) {
    return 0x108 + 0x20 * number;
  }

  private void advance(long counts) {
    time.advance(counts * 10);
  }

  @Test
  void theCapabilitiesNameThePeriodAndThreeTimersOf64Bits() {
    long capabilities = read(0);
    assertThat(capabilities >>> 32).as("femtoseconds").isEqualTo(10_000_000);
    assertThat(capabilities & 0xFF).as("revision").isEqualTo(1);
    assertThat(capabilities >> 8 & 0x1F).as("last timer").isEqualTo(2);
    assertThat(capabilities >> 13 & 1).as("64 bits").isEqualTo(1);
    assertThat(capabilities >> 15 & 1).as("legacy replacement").isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      assertThat(read(configurationOf(i))).isEqualTo(0x00F0_0000_0000_0030L);
      assertThat(read(comparatorOf(i))).isEqualTo(-1);
    }
  }

  @Test
  void theCounterStandsUntilItIsSwitchedOnAndIsWritableThen() {
    advance(100);
    assertThat(read(COUNTER)).isZero();
    write64(COUNTER, 0x1_0000_0000L);
    write(CONFIGURATION, RUNS);
    advance(7);
    assertThat(read(COUNTER)).isEqualTo(0x1_0000_0007L);
    write64(COUNTER, 0);
    assertThat(read(COUNTER)).as("running counters aren't written").isEqualTo(0x1_0000_0007L);
    write(CONFIGURATION, 0);
    advance(50);
    assertThat(read(COUNTER)).isEqualTo(0x1_0000_0007L);
    write64(COUNTER, 5);
    assertThat(read(COUNTER)).isEqualTo(5);
  }

  @Test
  void bytesOfARegisterAreReadAlone() {
    assertThat(hpet.read(1, 1) & 0xFF).isEqualTo(0xA2);
    assertThat(hpet.read(2, 2) & 0xFFFF).isEqualTo(0x8086);
  }

  @Test
  void inLegacyReplacementTheFirstTwoTimersAreTheLinesOfTheOldOnes() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS);
    write(configurationOf(1), INTERRUPTS);
    write64(comparatorOf(0), 1000);
    write64(comparatorOf(1), 1500);
    timer.original().pulse();
    clock.original().pulse();
    advance(999);
    assertThat(edges).as("the old ones are cut off").isEmpty();
    advance(1000);
    assertThat(edges).containsExactly("irq0@1000", "irq8@1500");
  }

  @Test
  void withoutReplacementTheOldOnesHaveTheirLines() {
    write(CONFIGURATION, RUNS);
    timer.original().pulse();
    clock.original().pulse();
    assertThat(edges).containsExactly("irq0@0", "irq8@0");
  }

  @Test
  void aLineThatIsHighComesBackWithItsOwner() {
    write(CONFIGURATION, RUNS | REPLACES);
    timer.original().set(true);
    assertThat(edges).isEmpty();
    write(CONFIGURATION, RUNS);
    assertThat(edges).containsExactly("irq0@0");
  }

  @Test
  void aTimerLeadsToTheInputThatItIsRoutedTo() {
    write(CONFIGURATION, RUNS);
    write(configurationOf(2), INTERRUPTS | 21 << 9);
    write64(comparatorOf(2), 10);
    advance(20);
    assertThat(edges).containsExactly("input21@10");
    write(configurationOf(2), INTERRUPTS | 3 << 9);
    assertThat(read(configurationOf(2)) >> 9 & 0x1F).as("input 3 isn't offered").isEqualTo(21);
  }

  @Test
  void aTimerWhoseInterruptIsOffIsSilent() {
    write(CONFIGURATION, RUNS | REPLACES);
    write64(comparatorOf(0), 10);
    advance(20);
    assertThat(edges).isEmpty();
  }

  @Test
  void aComparatorThatHasPassedWaitsForTheCounterToComeRound() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS | NARROW);
    advance(100);
    write(comparatorOf(0), 50);
    advance(1000);
    assertThat(edges).isEmpty();
    advance(0x1_0000_0000L);
    assertThat(edges).as("32 bits").containsExactly("irq0@" + (0x1_0000_0000L + 50));
  }

  @Test
  void aPeriodicTimerTakesItsFirstTimeAndThenItsPeriod() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS | NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 1000);
    assertThat(read(configurationOf(0)) & SETS_ACCUMULATOR).as("once only").isZero();
    write(comparatorOf(0), 300);
    advance(1700);
    assertThat(edges).containsExactly("irq0@1000", "irq0@1300", "irq0@1600");
    assertThat(read(comparatorOf(0))).isEqualTo(1900);
  }

  @Test
  void bothHalvesOfAnAccumulatorAreSet() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS | PERIODIC | SETS_ACCUMULATOR);
    write64(comparatorOf(0), 0x1_0000_0000L);
    write64(comparatorOf(0), 100);
    assertThat(read(comparatorOf(0))).isEqualTo(0x1_0000_0000L);
  }

  @Test
  void aPeriodicTimerGoesOnWhileItsInterruptIsOff() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 100);
    write(comparatorOf(0), 100);
    advance(1050);
    assertThat(read(comparatorOf(0))).isEqualTo(1100);
    write(configurationOf(0), INTERRUPTS | NARROW | PERIODIC);
    advance(100);
    assertThat(edges).containsExactly("irq0@1100");
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 30, 99, 101, 250})
  void aPeriodicTimerGoesOnHoweverLongTheHostKeepsItWaiting(long counts) {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS | NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 1000);
    write(comparatorOf(0), 100);
    time.delayLooks(counts * 10);
    for (int i = 0; i < 1000; i++) {
      advance(100);
    }
    time.delayLooks(0);
    edges.clear();
    advance(1000);
    assertThat(edges).hasSize(10);
  }

  @Test
  void aPeriodicTimerThatIsReadNowAndThenGoesOnForLongerThanItsCounterIsWide() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 100);
    write(comparatorOf(0), 100);
    for (long passed = 1_000_000_000; passed <= 9_000_000_000L; passed += 1_000_000_000) {
      advance(1_000_000_000);
      assertThat(read(comparatorOf(0))).isEqualTo((passed + 100) & 0xFFFF_FFFFL);
    }
  }

  @Test
  void aPeriodicTimerWhoseInterruptComesOnLateGoesOn() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 100);
    write(comparatorOf(0), 100);
    advance(1050);
    write(configurationOf(0), INTERRUPTS | NARROW | PERIODIC);
    advance(100);
    assertThat(edges).containsExactly("irq0@1100");
  }

  @Test
  void aNewPeriodBeginsWithTheNextMatch() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 100);
    write(comparatorOf(0), 100);
    advance(1050);
    write(comparatorOf(0), 70);
    assertThat(read(comparatorOf(0))).isEqualTo(1100);
    advance(60);
    assertThat(read(comparatorOf(0))).isEqualTo(1170);
  }

  @Test
  void aLevelStaysUntilItsStatusIsCleared() {
    write(CONFIGURATION, RUNS);
    write(configurationOf(1), INTERRUPTS | LEVEL | 20 << 9);
    write64(comparatorOf(1), 10);
    advance(11);
    assertThat(read(STATUS)).isEqualTo(2);
    assertThat(high[0]).isTrue();
    write(STATUS, 5);
    assertThat(high[0]).as("the status of others").isTrue();
    write(STATUS, 2);
    assertThat(read(STATUS)).isZero();
    assertThat(high[0]).isFalse();
  }

  @Test
  void theStatusOfAnEdgeStaysClear() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS);
    write64(comparatorOf(0), 10);
    advance(20);
    assertThat(read(STATUS)).isZero();
  }

  @Test
  void aHaltedCounterInterruptsNobodyAndGoesOnWhereItStood() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS);
    write64(comparatorOf(0), 100);
    advance(60);
    write(CONFIGURATION, REPLACES);
    advance(1000);
    assertThat(edges).isEmpty();
    write(CONFIGURATION, RUNS | REPLACES);
    advance(41);
    assertThat(edges).containsExactly("irq0@1100");
  }

  @Test
  void aSnapshotGoesOnWhereItWasTaken() {
    write(CONFIGURATION, RUNS | REPLACES);
    write(configurationOf(0), INTERRUPTS | NARROW | PERIODIC | SETS_ACCUMULATOR);
    write(comparatorOf(0), 100);
    write(comparatorOf(0), 100);
    advance(250);
    long[] state = hpet.save();
    hpet.write(CONFIGURATION, 4, 0);
    write(comparatorOf(0), 7);
    edges.clear();
    hpet.restore(state);
    assertThat(hpet.save()).isEqualTo(state);
    advance(100);
    assertThat(edges).containsExactly("irq0@300");
  }
}
