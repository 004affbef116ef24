package dev.kmemu.campaign.report.html;

import java.util.Locale;

/** Numbers for people to read. */
final class Count {

  private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Count() {}

  /** Returns {@code 12,345}. */
  static String of(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Returns {@code 1 run} or {@code 2 runs}. */
  static String of(long number, String one) {
    return of(number) + " " + one + (number == 1 ? "" : "s");
  }

  /** Returns {@code 64 KiB}: what is below 10 of a unit has a decimal, unless that is 0. */
  static String bytes(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < BYTES.length - 1) {
      value /= 1024;
      unit++;
    }
    String number = String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    return number.replaceAll("\\.0$", "") + " " + BYTES[unit];
  }

  /** Returns {@code 1 min 12 s} or {@code 3.4 s}. */
  static String millis(long millis) {
    long minutes = millis / 60_000;
    return minutes == 0
        ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
        : String.format(Locale.ROOT, "%,d min %d s", minutes, millis / 1000 % 60);
  }

  /** Returns how many in a second. */
  static String rate(long number, long millis) {
    return of(Math.round(number * 1000.0 / Math.max(millis, 1))) + "/s";
  }

  /** Returns {@code 12.3 %}. */
  static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f\u00a0%%", whole == 0 ? 0 : 100.0 * part / whole);
  }
}
