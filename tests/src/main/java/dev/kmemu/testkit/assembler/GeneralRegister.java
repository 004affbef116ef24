package dev.kmemu.testkit.assembler;

/** A general register, or a part of one. */
public sealed interface GeneralRegister permits R64, R32, R16, R8 {

  /** Returns its number in the instruction, 0 to 15. */
  int encoding();

  /** Returns its size. */
  Size size();

  /** Returns its name in Intel's syntax. */
  String text();
}
