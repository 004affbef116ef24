package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** The 16-bit general registers. */
public enum R16 implements GeneralRegister {
  AX,
  CX,
  DX,
  BX,
  SP,
  BP,
  SI,
  DI,
  R8W,
  R9W,
  R10W,
  R11W,
  R12W,
  R13W,
  R14W,
  R15W;

  @Override
  @SuppressWarnings("EnumOrdinal") // in the order of the manual's encodings
  public int encoding() {
    return ordinal();
  }

  @Override
  public Size size() {
    return Size.WORD;
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
