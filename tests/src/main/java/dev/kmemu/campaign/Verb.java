package dev.kmemu.campaign;

import java.util.List;

/** A kind of operation. */
public interface Verb {

  /** Returns the first word of its lines. */
  String word();

  /** Returns what follows. */
  List<Operand> operands();

  /** Returns how often it comes in a random run, relative to the others; 0 for never. */
  int weight();

  /** Whether every random run has it: others are left out of some, so that they stand out. */
  default boolean isEssential() {
    return false;
  }
}
