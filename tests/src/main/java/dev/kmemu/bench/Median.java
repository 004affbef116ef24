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
 * @param ratio the median of what each repetition of kmemu's is to the floor's next to it
 */
record Median(double kmemu, OptionalDouble floor, OptionalDouble ratio) {

  static Median of(int repetitions, DoubleSupplier kmemu, @Nullable DoubleSupplier floor) {
    double[] ours = new double[repetitions];
    double[] theirs = new double[repetitions];
    double[] ratios = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      ours[i] = kmemu.getAsDouble();
      if (floor != null) {
        theirs[i] = floor.getAsDouble();
        ratios[i] = ours[i] / theirs[i];
      }
    }
    return floor == null
        ? new Median(of(ours), OptionalDouble.empty(), OptionalDouble.empty())
        : new Median(of(ours), OptionalDouble.of(of(theirs)), OptionalDouble.of(of(ratios)));
  }

  /** Returns the middle value; of an even number of values, the mean of the middle two. */
  static double of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  BenchmarkResult result(String name, String unit, @Nullable Target target) {
    return new BenchmarkResult(name, unit, kmemu, floor, ratio, target);
  }
}
