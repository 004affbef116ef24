package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The 8254 by its registers. A count lasts 838.095 ns. */
class Pit8254Test {

  private static final int LOW_THEN_HIGH = 0x30;

  private final HandClock time = new HandClock();
  private final List<Long> ticks = new ArrayList<>();
  private final PortSpace ports = new PortSpace();
  private final Pit8254 pit =
      new Pit8254(
          time.timers,
          high -> {
            if (high) {
              ticks.add(time.clock.nanos());
            }
          });

  Pit8254Test() {
    pit.attachTo(ports);
  }

  private void out(int port, int value) {
    ports.write(port, 1, value);
  }

  private int in(int port) {
    return ports.read(port, 1) & 0xFF;
  }

  private void program(int counter, int mode, int count) {
    out(0x43, counter << 6 | LOW_THEN_HIGH | mode << 1);
    out(0x40 + counter, count & 0xFF);
    out(0x40 + counter, count >> 8);
  }

  private int count(int counter) {
    out(0x43, counter << 6);
    return in(0x40 + counter) | in(0x40 + counter) << 8;
  }

  private int status(int counter) {
    out(0x43, 0xE0 | 2 << counter);
    return in(0x40 + counter);
  }

  private static long nanos(long counts) {
    return (counts * 1_000_000_000L + 1_193_181L) / 1_193_182L;
  }

  @Test
  void mode0InterruptsOnceWhenTheCountIsOver() {
    program(0, 0, 1000);
    time.advance(nanos(999));
    assertThat(ticks).isEmpty();
    time.advance(nanos(5000));
    assertThat(ticks).containsExactly(nanos(1000));
  }

  @Test
  void mode2InterruptsEachPeriodWithoutDrift() {
    program(0, 2, 11932);
    time.advance(1_000_000_000L);
    assertThat(ticks).hasSize(99).last().isEqualTo(nanos(99L * 11932));
  }

  @Test
  void aCountOf0Is65536() {
    program(0, 2, 0);
    time.advance(nanos(65535));
    assertThat(ticks).isEmpty();
    time.advance(nanos(2));
    assertThat(ticks).hasSize(1);
  }

  @Test
  void aNewModeStopsTheOldOne() {
    program(0, 2, 100);
    out(0x43, LOW_THEN_HIGH);
    time.advance(nanos(10_000));
    assertThat(ticks).isEmpty();
  }

  @Test
  void aLatchedCountStandsWhileTheCounterGoesOn() {
    program(2, 0, 50_000);
    out(0x61, 1);
    time.advance(nanos(1000));
    out(0x43, 2 << 6);
    time.advance(nanos(1000));

    int latched = in(0x42) | in(0x42) << 8;
    assertThat(latched).isBetween(48_999, 49_000);
    assertThat(count(2)).isBetween(47_998, 48_000);
  }

  @Test
  void aSecondLatchBeforeTheReadIsIgnored() {
    program(0, 2, 50_000);
    time.advance(nanos(100));
    out(0x43, 0);
    time.advance(nanos(100));
    assertThat(count(0)).isBetween(49_899, 49_900);
  }

  @Test
  void bothHalvesOfAReadBelongTogether() {
    program(0, 2, 0x1200);
    time.advance(nanos(0x1200 - 0x100));
    int low = in(0x40);
    time.advance(nanos(0x80));
    assertThat(low | in(0x40) << 8).isBetween(0xFF, 0x100);
  }

  @Test
  void theReadBackTellsModeAccessAndOutput() {
    program(0, 3, 1000);
    assertThat(status(0)).as("out high, low then high byte, mode 3").isEqualTo(0xB6);
    time.advance(nanos(600));
    assertThat(status(0)).as("the second half").isEqualTo(0x36);
    out(0x43, 0x34);
    assertThat(status(0) & 0x40).as("no count yet").isEqualTo(0x40);
  }

  @Test
  void theReadBackLatchesStatusAndCountOfSeveral() {
    program(0, 2, 1000);
    program(1, 2, 18);
    time.advance(nanos(10));
    out(0x43, 0xC6);
    assertThat(in(0x40)).isEqualTo(0xB4);
    assertThat(in(0x40) | in(0x40) << 8).isBetween(989, 990);
    assertThat(in(0x41)).isEqualTo(0xB4);
  }

  @Test
  void singleByteAccessSetsTheOtherByteToZero() {
    out(0x43, 0x24);
    out(0x40, 0x02);
    time.advance(nanos(0x200) - 10);
    assertThat(ticks).isEmpty();
    time.advance(20);
    assertThat(ticks).hasSize(1);
  }

  @Test
  void aDecimalCounterCountsDecimally() {
    out(0x43, LOW_THEN_HIGH | 2 << 1 | 1);
    out(0x40, 0x00);
    out(0x40, 0x10);
    time.advance(nanos(1));
    assertThat(count(0)).isEqualTo(0x0999);
  }

  @Test
  void port61GatesCounter2AndShowsItsOutput() {
    out(0x61, 0);
    program(2, 0, 100);
    time.advance(nanos(1000));
    assertThat(in(0x61) & 0x20).as("the gate is low: nothing counts").isZero();
    out(0x61, 1);
    time.advance(nanos(99));
    assertThat(in(0x61) & 0x21).isEqualTo(0x01);
    time.advance(nanos(2));
    assertThat(in(0x61) & 0x21).isEqualTo(0x21);
  }

  @Test
  void aGateThatFallsStopsTheCountWhereItIs() {
    out(0x61, 1);
    program(2, 0, 1000);
    time.advance(nanos(400));
    out(0x61, 0);
    time.advance(nanos(5000));
    assertThat(count(2)).isBetween(599, 600);
    out(0x61, 1);
    time.advance(nanos(100));
    assertThat(count(2)).isBetween(498, 500);
  }

  @Test
  void aRisingGateStartsMode1AndRestartsMode3() {
    out(0x61, 0);
    program(2, 1, 100);
    time.advance(nanos(500));
    assertThat(in(0x61) & 0x20).as("not triggered").isEqualTo(0x20);
    out(0x61, 1);
    assertThat(in(0x61) & 0x20).isZero();
    time.advance(nanos(101));
    assertThat(in(0x61) & 0x20).isEqualTo(0x20);

    program(2, 3, 1000);
    time.advance(nanos(900));
    out(0x61, 0);
    out(0x61, 1);
    assertThat(count(2)).isEqualTo(1000);
  }

  @Test
  void theRefreshBitOfPort61Toggles() {
    int first = in(0x61) & 0x10;
    time.advance(15_085);
    assertThat(in(0x61) & 0x10).isNotEqualTo(first);
  }

  @Test
  void aStateThatIsPutBackTicksAtTheSameTime() {
    program(0, 2, 1000);
    time.advance(nanos(500));
    var state = pit.capture();
    program(0, 0, 7);
    time.advance(nanos(100));
    ticks.clear();
    state.restore();

    time.advance(nanos(500));
    assertThat(ticks).containsExactly(nanos(1000));
  }
}
