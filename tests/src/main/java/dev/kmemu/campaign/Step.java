package dev.kmemu.campaign;

import java.util.Arrays;
import java.util.List;

/** One operation with its operands. Immutable. */
public final class Step {

  private final Verb verb;
  private final long[] values;

  private Step(Verb verb, long[] values) {
    this.verb = verb;
    this.values = values;
  }

  /**
   * Makes a step.
   *
   * @param values one for each operand of {@code verb}, below its count
   */
  public static Step of(Verb verb, long... values) {
    List<Operand> operands = verb.operands();
    if (values.length != operands.size()) {
      throw new IllegalArgumentException(
          verb.word() + " has " + operands.size() + " operands, not " + values.length);
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= operands.get(i).count()) {
        throw new IllegalArgumentException(
            String.format(
                "%s: %s is a number below %d, not %d",
                verb.word(), operands.get(i).name(), operands.get(i).count(), values[i]));
      }
    }
    return new Step(verb, values.clone());
  }

  /** Returns the kind of operation. */
  public Verb verb() {
    return verb;
  }

  /** Returns an operand's value. */
  public long value(int operand) {
    return values[operand];
  }

  /** Returns an operand's value as an index. */
  public int index(int operand) {
    return (int) values[operand];
  }

  /** Returns the step with another value of an operand. */
  public Step with(int operand, long value) {
    long[] changed = values.clone();
    changed[operand] = value;
    return of(verb, changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Step step && step.verb == verb && Arrays.equals(step.values, values);
  }

  @Override
  public int hashCode() {
    return 31 * verb.hashCode() + Arrays.hashCode(values);
  }

  /** Returns the line that a script has for it. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(verb.word());
    List<Operand> operands = verb.operands();
    for (int i = 0; i < values.length; i++) {
      line.append(' ').append(operands.get(i).format(values[i]));
    }
    return line.toString();
  }
}
