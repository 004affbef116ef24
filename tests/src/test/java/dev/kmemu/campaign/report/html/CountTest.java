package dev.kmemu.campaign.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Numbers as the report writes them. */
class CountTest {

  @Test
  void thousandsAreGroupedAndOneIsSingular() {
    assertThat(Count.of(1, "run")).isEqualTo("1 run");
    assertThat(Count.of(12_345, "run")).isEqualTo("12,345 runs");
  }

  @Test
  void sizesHaveTheUnitThatFits() {
    assertThat(Count.bytes(4096)).isEqualTo("4 KiB");
    assertThat(Count.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Count.bytes(128L << 30)).isEqualTo("128 GiB");
  }

  @Test
  void aRateOfNoTimeIsNoDivisionByZero() {
    assertThat(Count.rate(7, 0)).isEqualTo("7,000/s");
    assertThat(Count.rate(30_000, 1500)).isEqualTo("20,000/s");
    assertThat(Count.percent(1, 0)).isEqualTo("0.0\u00a0%");
  }

  @Test
  void minutesAreToldFromSeconds() {
    assertThat(Count.millis(3400)).isEqualTo("3.4 s");
    assertThat(Count.millis(72_000)).isEqualTo("1 min 12 s");
  }
}
