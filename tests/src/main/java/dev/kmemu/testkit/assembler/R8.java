package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** The 8-bit general registers. AH, CH, DH and BH can't be used beside R8 to R15. */
public enum R8 implements GeneralRegister {
  AL,
  CL,
  DL,
  BL,
  SPL,
  BPL,
  SIL,
  DIL,
  R8B,
  R9B,
  R10B,
  R11B,
  R12B,
  R13B,
  R14B,
  R15B,
  AH,
  CH,
  DH,
  BH;

  private static final int FIRST_HIGH = 4;

  @Override
  @SuppressWarnings("EnumOrdinal") // in the order of the manual's encodings
  public int encoding() {
    return isHigh() ? ordinal() - AH.ordinal() + FIRST_HIGH : ordinal();
  }

  /** Whether it is bits 15 to 8 of its register. */
  public boolean isHigh() {
    return compareTo(AH) >= 0;
  }

  /** Whether only a REX prefix tells it from AH, CH, DH and BH. */
  boolean needsRex() {
    return compareTo(SPL) >= 0 && compareTo(DIL) <= 0;
  }

  @Override
  public Size size() {
    return Size.BYTE;
  }

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text();
  }
}
