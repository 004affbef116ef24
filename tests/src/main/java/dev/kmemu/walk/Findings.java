package dev.kmemu.walk;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Counts known differences and keeps the first new ones. */
public final class Findings implements Consumer<Difference> {

  private static final int KEPT = 5;

  private final Map<KnownDifference, Long> known = new EnumMap<>(KnownDifference.class);
  private final List<Difference> examples = new ArrayList<>();
  private long unknown;

  @Override
  public void accept(Difference difference) {
    KnownDifference.of(difference)
        .ifPresentOrElse(one -> known.merge(one, 1L, Long::sum), () -> keep(difference));
  }

  private void keep(Difference difference) {
    unknown++;
    if (examples.size() < KEPT) {
      examples.add(difference);
    }
  }

  /** Returns how often a known difference came up. */
  public long count(KnownDifference one) {
    return known.getOrDefault(one, 0L);
  }

  /** Returns how many differences were new. */
  public long unknown() {
    return unknown;
  }

  /** Returns the first of the new differences. */
  public List<Difference> examples() {
    return List.copyOf(examples);
  }

  @Override
  public String toString() {
    return unknown + " differences, known ones " + known;
  }
}
