package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** A register that ring 0 alone moves to and from. */
public sealed interface SystemRegister permits ControlRegister, DebugRegister {

  /** Returns its number. */
  int encoding();

  /** Returns the opcode behind 0F that reads it; the one that writes it is 2 more. */
  int opcode();

  /** Returns its enum name. */
  String name();

  /** Returns its name in Intel's syntax. */
  default String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
