package dev.kmemu.bench;

import dev.kmemu.emulator.unicorn.Unicorn;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All benchmarks: chooses, runs and prints them. */
public final class Benchmarks {

  private static final List<Benchmark> ALL =
      List.of(
          new KernelSpeed("sieve", 4, 1),
          new KernelSpeed("fib", 31, 31),
          new KernelSpeed("movcopy", 16, 1),
          new KernelSpeed("interp", 3_000_000, 30_000),
          // First, because the JVM compiles a trap handler that stands alone better.
          new KernelFault(),
          new BareFault(),
          new MillionFaults(),
          new PortExit(),
          new SingleStep(),
          new CpuEvents(),
          new GdbPackets(),
          new FirstInstruction(),
          new SnapshotSpeed(),
          new FreshTestMachine(),
          new WalkEquality(),
          new KmemSpeed(),
          new CampaignSpeed());

  private Benchmarks() {}

  /** Returns the names that a pattern is matched with. */
  public static List<String> names() {
    return ALL.stream().map(Benchmark::name).toList();
  }

  /**
   * Runs benchmarks one after the other and prints each result as it comes.
   *
   * @throws IllegalArgumentException when the pattern selects nothing; the message lists the names
   * @throws BenchmarkException when the guests or the C floor can't be used at all
   */
  public static BenchmarkReport run(Unicorn unicorn, BenchmarkOptions options, PrintStream out) {
    GuestKernels kernels = new GuestKernels(options.guests());
    List<Benchmark> chosen = choose(options.pattern(), kernels);
    Optional<CFloor> floor = CFloor.start(unicorn.path(), kernels);
    try {
      out.printf(
          "Unicorn %s, Java %s, %s, CPU time, medians of %d%n",
          unicorn.version(),
          System.getProperty("java.vm.version"),
          System.getProperty("os.arch"),
          options.repetitions());
      if (floor.isEmpty()) {
        out.println("There is no C compiler (cc) here, so kmemu's own figures must do.");
      }
      return measure(
          chosen, new Bench(unicorn, kernels, floor.orElse(null), options.repetitions()), out);
    } finally {
      floor.ifPresent(CFloor::close);
    }
  }

  private static BenchmarkReport measure(List<Benchmark> chosen, Bench bench, PrintStream out) {
    BenchmarkTable table = new BenchmarkTable(out);
    table.header();
    List<BenchmarkResult> results = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Benchmark benchmark : chosen) {
      try {
        List<BenchmarkResult> rows = benchmark.measure(bench);
        rows.forEach(table::row);
        results.addAll(rows);
      } catch (RuntimeException e) {
        String failure = benchmark.name() + ": " + e.getMessage();
        out.println(failure);
        failures.add(failure);
      }
    }
    return new BenchmarkReport(results, failures);
  }

  private static List<Benchmark> choose(@Nullable String pattern, GuestKernels kernels) {
    if (pattern == null || pattern.isEmpty()) {
      return ALL;
    }
    Predicate<String> matches = matcher(pattern);
    List<Benchmark> chosen = new ArrayList<>(ALL);
    chosen.removeIf(benchmark -> !matches.test(benchmark.name()));
    if (chosen.isEmpty() && kernels.isGiven(pattern)) {
      chosen.add(KernelSpeed.ofUnknown(pattern));
    }
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "no benchmark matches '" + pattern + "'; there are " + String.join(", ", names()));
    }
    return chosen;
  }

  private static Predicate<String> matcher(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (String part : pattern.toLowerCase(Locale.ROOT).split("\\*", -1)) {
      regex.append(regex.length() == 0 ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.compile(regex.toString()).asPredicate();
  }
}
