package dev.kmemu.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.OptionalDouble;

/** Prints results as they come, in lines of at most 80 characters. */
final class BenchmarkTable {

  private final PrintStream out;

  BenchmarkTable(PrintStream out) {
    this.out = out;
  }

  void header() {
    line("benchmark", "kmemu", "floor", "ratio", "target", "verdict");
  }

  void row(BenchmarkResult result) {
    Target target = result.target();
    line(
        result.name(),
        figure(result.kmemu(), result.unit()),
        figure(result.floor(), result.unit()),
        result.ratio().isPresent() ? decimals(result.ratio().getAsDouble(), 2) : "-",
        target == null ? "-" : target.toString(),
        result.verdict().toString());
  }

  private void line(Object... columns) {
    out.println(
        String.format(Locale.ROOT, "%-21s %14s %14s %7s %10s  %s", columns).stripTrailing());
    out.flush();
  }

  private static String figure(OptionalDouble value, String unit) {
    return value.isPresent() ? figure(value.getAsDouble(), unit) : "-";
  }

  private static String figure(double value, String unit) {
    int places = value == Math.rint(value) || Math.abs(value) >= 1000 ? 0 : 2;
    return (decimals(value, places) + " " + unit).stripTrailing();
  }

  private static String decimals(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }
}
