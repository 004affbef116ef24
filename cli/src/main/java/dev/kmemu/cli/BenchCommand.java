package dev.kmemu.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Ratios of kmemu to raw Unicorn. */
@Command(
    name = "bench",
    description = "Measure kmemu against raw Unicorn in C.",
    mixinStandardHelpOptions = true,
    hidden = true)
final class BenchCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return ExitStatus.OK;
  }
}
