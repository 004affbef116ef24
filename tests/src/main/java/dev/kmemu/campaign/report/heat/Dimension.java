package dev.kmemu.campaign.report.heat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One part of the labels.
 *
 * @param values what it may be, in the order of the table
 */
record Dimension(List<String> values) {

  private static final int FEWEST_BITS = 4;
  private static final int MOST_BITS = 12;
  private static final char CLEAR = '-';

  /** Copies the values. */
  Dimension {
    values = List.copyOf(values);
  }

  /** Returns the dimensions of labels, empty when the labels have no common ones. */
  static List<Dimension> of(Set<String> labels) {
    List<Set<String>> parts = new ArrayList<>();
    boolean first = true;
    for (String label : labels) {
      String[] words = split(label);
      for (int i = 0; first && i < words.length; i++) {
        parts.add(new LinkedHashSet<>());
      }
      first = false;
      if (words.length != parts.size()) {
        return List.of();
      }
      for (int i = 0; i < words.length; i++) {
        parts.get(i).add(words[i]);
      }
    }
    return parts.stream().map(values -> new Dimension(List.copyOf(values))).toList();
  }

  static String[] split(String label) {
    return label.split("/", -1);
  }

  /**
   * Returns the bits, when the values are all patterns of some: a letter for one that is set and a
   * hyphen for one that isn't, the lowest first.
   */
  Optional<String> bits() {
    int length = values.get(0).length();
    if (length < FEWEST_BITS || length > MOST_BITS || values.size() != 1 << length) {
      return Optional.empty();
    }
    String letters = values.get(values.size() - 1);
    for (int pattern = 0; pattern < values.size(); pattern++) {
      if (!values.get(pattern).equals(pattern(letters, pattern))) {
        return Optional.empty();
      }
    }
    return letters.indexOf(CLEAR) < 0 ? Optional.of(letters) : Optional.empty();
  }

  private static String pattern(String letters, int pattern) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters.length(); i++) {
      text.append((pattern >> i & 1) != 0 ? letters.charAt(i) : CLEAR);
    }
    return text.toString();
  }

  /** Returns all patterns of some bits. */
  static Dimension patterns(String letters) {
    List<String> patterns = new ArrayList<>();
    for (int pattern = 0; pattern < 1 << letters.length(); pattern++) {
      patterns.add(pattern(letters, pattern));
    }
    return new Dimension(patterns);
  }
}
