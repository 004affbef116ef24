package dev.kmemu.campaign;

import java.util.List;
import java.util.Locale;

/**
 * What a {@link Verb} is.
 *
 * @param word the first word of its lines
 * @param weight how often it comes in a random run, relative to the others; 0 for never
 * @param essential whether every random run has it
 * @param operands what follows the word
 */
public record VerbTraits(String word, int weight, boolean essential, List<Operand> operands) {

  /** Copies the operands. */
  public VerbTraits {
    operands = List.copyOf(operands);
  }

  /** Returns the traits of an enum's constant, such as {@code PAGE_OUT}: {@code page-out}. */
  public static VerbTraits of(String constant, int weight, boolean essential, Operand... operands) {
    String word = constant.toLowerCase(Locale.ROOT).replace('_', '-');
    return new VerbTraits(word, weight, essential, List.of(operands));
  }
}
