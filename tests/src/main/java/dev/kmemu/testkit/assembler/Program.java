package dev.kmemu.testkit.assembler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Code and data that run at any address. Immutable. */
public final class Program {

  private final byte[] code;
  private final List<String> lines;
  private final Map<Label, Integer> labels;

  Program(byte[] code, List<String> lines, Map<Label, Integer> labels) {
    this.code = code;
    this.lines = List.copyOf(lines);
    this.labels = Map.copyOf(labels);
  }

  /** Returns the bytes. */
  public byte[] bytes() {
    return code.clone();
  }

  /** Returns the number of bytes. */
  public int length() {
    return code.length;
  }

  /**
   * Returns how far a label is from the first byte.
   *
   * @throws IllegalArgumentException when it isn't a label of this program
   */
  public int offset(Label label) {
    Integer offset = labels.get(label);
    if (offset == null) {
      Set<String> known = labels.keySet().stream().map(Label::name).collect(Collectors.toSet());
      throw new IllegalArgumentException(
          "the program has no label " + label + "; it has " + (known.isEmpty() ? "none" : known));
    }
    return offset;
  }

  /** Returns the source in Intel's syntax, as {@code as -msyntax=intel -mnaked-reg} reads it. */
  public String listing() {
    return String.join("\n", lines) + "\n";
  }

  @Override
  public String toString() {
    return listing();
  }
}
