package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** What Jcc and SETcc depend on (Intel SDM vol. 1, appendix B), in the order of the encodings. */
public enum Condition {
  /** Overflow. */
  O,
  /** No overflow. */
  NO,
  /** Below: unsigned less, or carry. */
  B,
  /** Above or equal: unsigned, or no carry. */
  AE,
  /** Equal, or zero. */
  E,
  /** Not equal, or not zero. */
  NE,
  /** Below or equal: unsigned. */
  BE,
  /** Above: unsigned. */
  A,
  /** Sign. */
  S,
  /** No sign. */
  NS,
  /** Parity even. */
  P,
  /** Parity odd. */
  NP,
  /** Less: signed. */
  L,
  /** Greater or equal: signed. */
  GE,
  /** Less or equal: signed. */
  LE,
  /** Greater: signed. */
  G;

  @SuppressWarnings("EnumOrdinal")
  int encoding() {
    return ordinal();
  }

  String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }
}
