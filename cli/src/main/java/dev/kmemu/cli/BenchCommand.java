package dev.kmemu.cli;

import dev.kmemu.bench.BenchmarkException;
import dev.kmemu.bench.BenchmarkOptions;
import dev.kmemu.bench.BenchmarkReport;
import dev.kmemu.bench.Benchmarks;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ratios of kmemu to raw Unicorn. */
@Command(
    name = "bench",
    header = "Measure kmemu against raw Unicorn in C, side by side.",
    description = {
      "",
      "Each figure is a median of runs that alternate with those of a C program on",
      "the same library, so that other load on the machine hits both alike.",
      ""
    })
final class BenchCommand implements Callable<Integer> {

  /** The numbers of {@code --repetitions}. */
  private static final class Repetitions extends WholeNumberOption {
    Repetitions() {
      super(1, BenchmarkOptions.MOST_REPETITIONS);
    }
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PATTERN",
      description = "A part of a benchmark's name; * stands for anything.")
  private @Nullable String pattern;

  @Option(
      names = "--guests",
      paramLabel = "DIR",
      description = "Take NAME.bin from here in place of the built-in kernels.")
  private @Nullable Path guests;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      converter = Repetitions.class,
      description = "Runs behind each median. Default: ${DEFAULT-VALUE}.")
  private long repetitions = BenchmarkOptions.REPETITIONS;

  @Override
  public Integer call() {
    Unicorn unicorn = UnicornAccess.load();
    try {
      BenchmarkReport report =
          Benchmarks.run(
              unicorn,
              new BenchmarkOptions(pattern, guests, Math.toIntExact(repetitions)),
              System.out);
      return report.failures().isEmpty() ? ExitStatus.OK : ExitStatus.GUEST_FAILED;
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("bench: " + e.getMessage(), e);
    } catch (BenchmarkException e) {
      throw CommandException.environment("bench: " + e.getMessage(), e);
    }
  }
}
