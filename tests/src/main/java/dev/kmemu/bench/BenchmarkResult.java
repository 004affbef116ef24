package dev.kmemu.bench;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One row of figures.
 *
 * @param name the row's name, dotted
 * @param unit of both figures, empty for a bare number
 * @param kmemu kmemu's figure, a median where it was measured several times
 * @param floor the C program's figure, empty when there is none to compare with
 * @param ratio kmemu's figure divided by the floor's: the median over pairs of repetitions
 * @param target what it should come to, or null
 */
public record BenchmarkResult(
    String name,
    String unit,
    double kmemu,
    OptionalDouble floor,
    OptionalDouble ratio,
    @Nullable Target target) {

  /** Compares with the target. */
  public Verdict verdict() {
    Target wanted = target;
    if (wanted == null) {
      return Verdict.NONE;
    }
    OptionalDouble figure =
        wanted.subject() == Target.Subject.RATIO ? ratio : OptionalDouble.of(kmemu);
    if (figure.isEmpty()) {
      return Verdict.UNKNOWN;
    }
    return wanted.isMetBy(figure.getAsDouble()) ? Verdict.MET : Verdict.MISSED;
  }
}
