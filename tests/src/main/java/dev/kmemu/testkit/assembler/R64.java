package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** The 64-bit general registers. */
public enum R64 implements GeneralRegister {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  @Override
  @SuppressWarnings("EnumOrdinal") // in the order of the manual's encodings
  public int encoding() {
    return ordinal();
  }

  @Override
  public Size size() {
    return Size.QWORD;
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
