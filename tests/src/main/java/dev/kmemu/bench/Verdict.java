package dev.kmemu.bench;

import java.util.Locale;

/** How a result compares with its target. */
public enum Verdict {
  /** On the right side of it. */
  MET,
  /** On the wrong side of it. */
  MISSED,
  /** The figure to compare with is missing. */
  UNKNOWN,
  /** There is no target. */
  NONE;

  @Override
  public String toString() {
    return this == NONE ? "" : name().toLowerCase(Locale.ROOT);
  }
}
