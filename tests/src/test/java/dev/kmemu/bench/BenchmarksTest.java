package dev.kmemu.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class BenchmarksTest {

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

  @Test
  void aPatternSelectsByAPartOfTheName() {
    BenchmarkReport report =
        Benchmarks.run(UnicornLoader.load(), new BenchmarkOptions("star*", null, 1), out);
    assertThat(report.results()).extracting(BenchmarkResult::name).containsExactly("start");
    assertThat(report.exitStatus()).isZero();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("start").contains(" ms");
  }

  @Test
  void aPatternThatSelectsNothingNamesWhatThereIs() {
    assertThatThrownBy(
            () -> Benchmarks.run(UnicornLoader.load(), new BenchmarkOptions("zebra", null, 1), out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'zebra'")
        .hasMessageContaining("guest.sieve");
  }

  @Test
  void aDirectoryThatIsntThereIsNamed() {
    Path missing = Path.of("no-such-directory");
    assertThatThrownBy(
            () ->
                Benchmarks.run(UnicornLoader.load(), new BenchmarkOptions("step", missing, 1), out))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("no-such-directory");
  }

  @Test
  void theWidestRowFitsAnEightyColumnTerminal() {
    new BenchmarkTable(out)
        .row(
            new BenchmarkResult(
                "million.last/first",
                "MIPS",
                123_456_789,
                OptionalDouble.of(987_654_321),
                OptionalDouble.of(1000.25),
                Target.valueAtLeast(1_000_448)));
    assertThat(printed.toString(StandardCharsets.UTF_8).strip().length()).isLessThanOrEqualTo(80);
  }

  @Test
  void aTargetComparesTheSideItIsMeantFor() {
    BenchmarkResult slow = result(2.0, OptionalDouble.of(5), Target.ratioAtMost(4));
    BenchmarkResult fast = result(2.0, OptionalDouble.of(4), Target.ratioAtMost(4));
    BenchmarkResult alone = result(2.0, OptionalDouble.empty(), Target.ratioAtMost(4));
    BenchmarkResult value = result(2.0, OptionalDouble.of(9), Target.valueAtLeast(2));
    assertThat(slow.verdict()).isEqualTo(Verdict.MISSED);
    assertThat(fast.verdict()).isEqualTo(Verdict.MET);
    assertThat(alone.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(value.verdict()).isEqualTo(Verdict.MET);
  }

  @Test
  void measurementsTakeTurns() {
    StringBuilder order = new StringBuilder();
    Median median =
        Median.of(3, () -> order.append('a').length(), () -> order.append('b').length());
    assertThat(order).hasToString("ababab");
    assertThat(median.kmemu()).isEqualTo(3);
    assertThat(median.floor()).hasValue(4);
    assertThat(median.ratio()).hasValue(3.0 / 4);
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
    assertThat(Median.of(9, 1, 3, 100)).isEqualTo(6);
  }

  private static BenchmarkResult result(double kmemu, OptionalDouble ratio, Target target) {
    return new BenchmarkResult("a", "us", kmemu, OptionalDouble.empty(), ratio, target);
  }
}
