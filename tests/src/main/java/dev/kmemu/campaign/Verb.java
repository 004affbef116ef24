package dev.kmemu.campaign;

import java.util.List;

/** A kind of operation; most are constants of an enum. */
public interface Verb {

  /** Returns what all verbs have. */
  VerbTraits traits();

  /** Returns the first word of its lines. */
  default String word() {
    return traits().word();
  }

  /** Returns what follows. */
  default List<Operand> operands() {
    return traits().operands();
  }

  /** Returns how often it comes in a random run, relative to the others; 0 for never. */
  default int weight() {
    return traits().weight();
  }

  /** Whether every random run has it: others are left out of some, so that they stand out. */
  default boolean isEssential() {
    return traits().essential();
  }
}
