package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The MC146818 by its registers. */
class CmosRtcTest {

  private final HandClock time = new HandClock();
  private final PortSpace ports = new PortSpace();
  private boolean line;
  private final CmosRtc rtc =
      new CmosRtc(
          time.timers, high -> line = high, Instant.parse("1999-12-31T23:59:58Z"), 256L << 20, 0);

  CmosRtcTest() {
    rtc.attachTo(ports);
  }

  private int in(int register) {
    ports.write(0x70, 1, register);
    return ports.read(0x71, 1);
  }

  private void out(int register, int value) {
    ports.write(0x70, 1, register);
    ports.write(0x71, 1, value);
  }

  private int[] all(int... registers) {
    int[] values = new int[registers.length];
    for (int i = 0; i < registers.length; i++) {
      values[i] = in(registers[i]);
    }
    return values;
  }

  @Test
  void theTimeIsDecimalAndTurnsTheCentury() {
    assertThat(all(0x32, 9, 8, 7, 6, 4, 2, 0))
        .containsExactly(0x19, 0x99, 0x12, 0x31, 6, 0x23, 0x59, 0x58);
    time.advance(2_000_000_000L);
    assertThat(all(0x32, 9, 8, 7, 6, 4, 2, 0))
        .as("a Saturday, day 7")
        .containsExactly(0x20, 0x00, 0x01, 0x01, 7, 0x00, 0x00, 0x00);
  }

  @Test
  void registerBChoosesBinaryAndTheTwelveHourDial() {
    out(0x0B, 0x06);
    assertThat(all(4, 2)).containsExactly(23, 59);
    out(0x0B, 0x04);
    assertThat(in(4)).as("11 p.m.").isEqualTo(0x80 | 11);
    time.advance(2_000_000_000L);
    assertThat(in(4)).as("midnight").isEqualTo(12);
  }

  @Test
  void noUpdateIsEverInProgressAndTheBatteryIsGood() {
    assertThat(in(0x0A)).isEqualTo(0x26);
    assertThat(in(0x0D)).isEqualTo(0x80);
    out(0x0D, 0);
    assertThat(in(0x0D)).isEqualTo(0x80);
  }

  @Test
  void theRestIsMemoryAndTheNmiBitIsNoPartOfTheIndex() {
    out(0x80 | 0x40, 0x5A);
    assertThat(in(0x40)).isEqualTo(0x5A);
    assertThat(ports.read(0x70, 1)).as("write-only").isEqualTo(0xFF);
  }

  @Test
  void ramSizesAreInKibAndChunksOf64Kib() {
    assertThat(in(0x15) | in(0x16) << 8).isEqualTo(640);
    assertThat(in(0x30) | in(0x31) << 8).as("at most 63 MiB").isEqualTo(0xFC00);
    assertThat(in(0x34) | in(0x35) << 8).isEqualTo((256 - 16) * 16);
  }

  @Test
  void ramFrom4GibOnIsToldApart() {
    CmosRtc large =
        new CmosRtc(time.timers, InterruptPin.UNCONNECTED, Instant.EPOCH, 3L << 30, 61L << 30);
    PortSpace own = new PortSpace();
    large.attachTo(own);
    int[] values = new int[5];
    int[] registers = {0x34, 0x35, 0x5B, 0x5C, 0x5D};
    for (int i = 0; i < registers.length; i++) {
      own.write(0x70, 1, registers[i]);
      values[i] = own.read(0x71, 1);
    }
    assertThat(values[0] | values[1] << 8).isEqualTo((3072 - 16) * 16);
    assertThat(values[2] | values[3] << 8 | values[4] << 16).isEqualTo(61 << 14);
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    out(0x40, 1);
    var state = rtc.capture();
    out(0x40, 2);
    ports.write(0x70, 1, 0x41);
    state.restore();
    assertThat(ports.read(0x71, 1)).as("the index too").isEqualTo(1);
  }

  @Test
  void thePeriodicInterruptComesAtItsRateUntilRegisterCIsRead() {
    out(0x0A, 0x26); // 1024 Hz
    out(0x0B, 0x42);
    time.advance(970_000);
    assertThat(line).isFalse();
    time.advance(10_000);
    assertThat(line).isTrue();
    assertThat(in(0x0C)).isEqualTo(0xC0);
    assertThat(line).isFalse();
    assertThat(in(0x0C)).isZero();
    time.advance(980_000);
    assertThat(line).isTrue();
  }

  @Test
  void noPeriodIsLostHoweverLongAReadOfRegisterCTakes() {
    out(0x0A, 0x2F); // 2 Hz
    time.delayLooks(200_000_000);
    int seen = 0;
    for (int i = 0; i < 100; i++) {
      seen += in(0x0C) >> 6 & 1;
    }
    time.delayLooks(0);
    assertThat(seen).isEqualTo((int) (time.clock.nanos() / 500_000_000));
  }

  @Test
  void theUpdateEndedInterruptComesWithEachSecond() {
    out(0x0A, 0x20);
    out(0x0B, 0x12);
    time.advance(999_999_999);
    assertThat(line).isFalse();
    time.advance(1);
    assertThat(line).isTrue();
    assertThat(in(0x0C)).isEqualTo(0x90);
  }

  @Test
  void theAlarmComesWhenHoursMinutesAndSecondsAgree() {
    out(0x0A, 0x20);
    out(0x01, 0x01);
    out(0x03, 0x00);
    out(0x05, 0x00);
    out(0x0B, 0x22);
    time.advance(2_999_999_999L);
    assertThat(line).isFalse();
    time.advance(1);
    assertThat(line).as("at 00:00:01").isTrue();
    assertThat(in(0x0C)).isEqualTo(0xB0);
    time.advance(86_399_000_000_000L);
    assertThat(line).isFalse();
    time.advance(1_000_000_000L);
    assertThat(line).as("a day later").isTrue();
  }

  @Test
  void anAlarmFieldFromC0OnIsAnyTime() {
    out(0x01, 0x30);
    out(0x03, 0xC0);
    out(0x05, 0xFF);
    out(0x0B, 0x22);
    time.advance(32_000_000_000L);
    assertThat(line).isTrue();
    in(0x0C);
    time.advance(60_000_000_000L);
    assertThat(line).as("a minute later").isTrue();
  }

  @Test
  void flagsAreSetWithoutInterruptsToo() {
    out(0x0A, 0x20);
    time.advance(1_000_000_000L);
    assertThat(in(0x0C)).isEqualTo(0x10);
    assertThat(line).isFalse();
  }

  @Test
  void noSecondPassesWhileTheClockIsBeingSet() {
    out(0x0A, 0x20);
    out(0x0B, 0x92);
    time.advance(5_000_000_000L);
    assertThat(line).isFalse();
    assertThat(in(0x0C)).isZero();
  }

  @Test
  void anInterruptThatIsEnabledAfterItsFlagComesAtOnce() {
    out(0x0A, 0x20);
    time.advance(1_500_000_000L);
    out(0x0B, 0x12);
    time.advance(0);
    assertThat(line).isTrue();
    out(0x0B, 0x02);
    assertThat(line).isFalse();
  }
}
