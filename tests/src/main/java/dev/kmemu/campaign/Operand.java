package dev.kmemu.campaign;

import java.util.List;
import java.util.Locale;

/**
 * One operand of a {@link Verb}: a number from 0 on, and how scripts write it. Lower numbers are
 * simpler; a script is shrunk towards them. The same object in several verbs says that they speak
 * of the same things, which a random run then picks from a few.
 */
public sealed interface Operand {

  /** Returns what it is called in messages. */
  String name();

  /** Returns how many values there are, at least 1. */
  long count();

  /** Returns how scripts write the value {@code value}. */
  String format(long value);

  /**
   * Returns the value that a script means.
   *
   * @throws ScriptException for text that is none of the values, naming the ones there are
   */
  long parse(String text);

  /**
   * One of some words.
   *
   * @param name what it is called
   * @param words the words, the simplest first
   */
  record Choice(String name, List<String> words) implements Operand {

    /** Makes one of {@code words}. */
    public static Choice of(String name, String... words) {
      return new Choice(name, List.of(words));
    }

    /** Makes one of {@code count} words that are a prefix and a number, from 0 on. */
    public static Choice numbered(String name, String prefix, int count) {
      return new Choice(
          name,
          java.util.stream.IntStream.range(0, count).mapToObj(number -> prefix + number).toList());
    }

    @Override
    public long count() {
      return words.size();
    }

    @Override
    public String format(long value) {
      return words.get((int) value);
    }

    @Override
    public long parse(String text) {
      int index = words.indexOf(text);
      if (index < 0) {
        throw new ScriptException(
            "'" + text + "' is no " + name + " (use one of " + String.join(", ", words) + ")");
      }
      return index;
    }
  }

  /**
   * A number.
   *
   * @param name what it is called
   * @param min the lowest
   * @param max the highest
   */
  record Decimal(String name, long min, long max) implements Operand {
    @Override
    public long count() {
      return max - min + 1;
    }

    @Override
    public String format(long value) {
      return Long.toString(min + value);
    }

    @Override
    public long parse(String text) {
      try {
        long number = Long.parseLong(text);
        if (number >= min && number <= max) {
          return number - min;
        }
      } catch (NumberFormatException e) {
        // Reported below, together with a number out of range.
      }
      throw new ScriptException(
          "'" + text + "' is no " + name + " (write a number from " + min + " to " + max + ")");
    }
  }

  /** One of some addresses, written in hex. */
  final class Address implements Operand {
    private final String name;
    private final long[] addresses;

    /** Makes one of {@code addresses}, the simplest first. */
    public Address(String name, long... addresses) {
      this.name = name;
      this.addresses = addresses.clone();
    }

    /** Returns the address that a value stands for. */
    public long at(long value) {
      return addresses[(int) value];
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long count() {
      return addresses.length;
    }

    @Override
    public String format(long value) {
      return "0x" + Long.toHexString(at(value));
    }

    @Override
    public long parse(String text) {
      for (int i = 0; i < addresses.length; i++) {
        if (format(i).equals(text.toLowerCase(Locale.ROOT))) {
          return i;
        }
      }
      throw new ScriptException(
          String.format(
              "'%s' is no %s (the suite has %d, such as %s and %s; docs/campaigns.md says which)",
              text, name, addresses.length, format(0), format(addresses.length - 1L)));
    }
  }
}
