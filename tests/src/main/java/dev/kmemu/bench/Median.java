package dev.kmemu.bench;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Medians of two measurements that take turns, so that a noisy neighbour disturbs both alike.
 *
 * @param kmemu the median of kmemu's repetitions
 * @param floor the median of the floor's, if there is one
 */
record Median(double kmemu, OptionalDouble floor) {

  static Median of(int repetitions, DoubleSupplier kmemu, @Nullable DoubleSupplier floor) {
    double[] ours = new double[repetitions];
    double[] theirs = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      ours[i] = kmemu.getAsDouble();
      if (floor != null) {
        theirs[i] = floor.getAsDouble();
      }
    }
    return new Median(
        of(ours), floor == null ? OptionalDouble.empty() : OptionalDouble.of(of(theirs)));
  }

  /** Returns the middle value; of an even number of values, the mean of the middle two. */
  static double of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  BenchmarkResult result(String name, String unit, @Nullable Target target) {
    return new BenchmarkResult(name, unit, kmemu, floor, target);
  }
}
