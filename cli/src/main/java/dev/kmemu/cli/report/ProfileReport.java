package dev.kmemu.cli.report;

import dev.kmemu.emulator.cpu.ExitKind;
import dev.kmemu.emulator.cpu.ExitProfile;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Where the time of a run went.
 *
 * @param took all of it
 * @param exits each kind that occurred, the costliest first
 * @param asleepNanos how long the CPU waited for interrupts
 */
public record ProfileReport(Duration took, List<Exits> exits, long asleepNanos) {

  private static final double PERCENT = 100;
  private static final double NANOS_PER_MICRO = 1e3;

  /**
   * The exits of one kind.
   *
   * @param kind which
   * @param share how many, and how long they took
   */
  public record Exits(ExitKind kind, ExitProfile.Share share) {}

  /** Collects what {@code profile} holds after a run that took {@code took}. */
  static ProfileReport of(ExitProfile profile, Duration took) {
    List<Exits> exits =
        Arrays.stream(ExitKind.values())
            .map(kind -> new Exits(kind, profile.share(kind)))
            .filter(line -> line.share().count() > 0)
            .sorted(Comparator.comparingLong((Exits line) -> line.share().nanos()).reversed())
            .toList();
    return new ProfileReport(took, exits, profile.asleepNanos());
  }

  /** Returns the time in guest code, translating it included, in nanoseconds. */
  public long guestNanos() {
    long elsewhere = exits.stream().mapToLong(line -> line.share().nanos()).sum() + asleepNanos;
    return Math.max(0, took.toNanos() - elsewhere);
  }

  /** Returns the profile as a table, a line for each kind of exit. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("kmemu: %-25s %12s %8s %10s%n", "exits", "count", "time", "us each"));
    for (Exits line : exits) {
      ExitProfile.Share share = line.share();
      text.append(
          String.format(
              "  %-30s %12d %6.1f %% %10.2f%n",
              line.kind().description(),
              share.count(),
              percent(share.nanos()),
              share.nanos() / NANOS_PER_MICRO / share.count()));
    }
    text.append(
        String.format(
            "  %-30s %12s %6.1f %%%n", "asleep until an interrupt", "", percent(asleepNanos)));
    text.append(
        String.format(
            "  %-30s %12s %6.1f %%%n", "guest code, translation", "", percent(guestNanos())));
    return text.toString();
  }

  private double percent(long nanos) {
    return PERCENT * nanos / Math.max(1, took.toNanos());
  }
}
