package dev.kmemu.campaign;

import java.util.List;

/**
 * A sequence of operations, and what is known of where it comes from. Its text is one operation a
 * line; {@link ScriptText} writes and reads it.
 *
 * @param suite the suite
 * @param pmap the pmap that it was found with
 * @param ramBytes guest RAM, in bytes
 * @param origin where it comes from, such as {@code seed 7, run 12}; empty when nobody knows
 * @param finding what it fails with, or why it is kept; empty when nobody knows
 * @param steps the operations
 */
public record Script(
    Suite suite, PmapChoice pmap, long ramBytes, String origin, String finding, List<Step> steps) {

  /** Copies the steps. */
  public Script {
    steps = List.copyOf(steps);
  }

  /** Returns the script with other steps. */
  public Script withSteps(List<Step> other) {
    return new Script(suite, pmap, ramBytes, origin, finding, other);
  }

  /** Returns the script with another finding. */
  public Script withFinding(String other) {
    return new Script(suite, pmap, ramBytes, origin, other, steps);
  }

  /** Returns the script for another pmap. */
  public Script withPmap(PmapChoice other) {
    return new Script(suite, other, ramBytes, origin, finding, steps);
  }

  /** Returns its text. */
  @Override
  public String toString() {
    return ScriptText.format(this);
  }
}
