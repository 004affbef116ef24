package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** The eight operations that share their encodings, in the order of these. */
enum Alu {
  ADD,
  OR,
  ADC,
  SBB,
  AND,
  SUB,
  XOR,
  CMP;

  @SuppressWarnings("EnumOrdinal")
  int number() {
    return ordinal();
  }

  int opcode() {
    return number() << 3;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
