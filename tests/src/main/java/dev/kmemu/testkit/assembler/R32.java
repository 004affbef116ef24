package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** The 32-bit general registers. */
public enum R32 implements GeneralRegister {
  EAX,
  ECX,
  EDX,
  EBX,
  ESP,
  EBP,
  ESI,
  EDI,
  R8D,
  R9D,
  R10D,
  R11D,
  R12D,
  R13D,
  R14D,
  R15D;

  @Override
  @SuppressWarnings("EnumOrdinal") // in the order of the manual's encodings
  public int encoding() {
    return ordinal();
  }

  @Override
  public Size size() {
    return Size.DWORD;
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
