package dev.kmemu.gdb.agent;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A format of C's {@code printf} for integers and strings, escapes as in C source. Immutable. */
final class PrintfFormat {

  private final List<String> literals;
  private final List<Conversion> conversions;

  /** One literal stands before each conversion, and one after the last. */
  private PrintfFormat(List<String> literals, List<Conversion> conversions) {
    this.literals = List.copyOf(literals);
    this.conversions = List.copyOf(conversions);
  }

  /** Reads a format. */
  static PrintfFormat parse(String source) throws BadAgentCodeException {
    List<String> literals = new ArrayList<>();
    List<Conversion> conversions = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    FormatReader in = new FormatReader(source);
    while (!in.atEnd()) {
      char character = in.next();
      if (character == '\\') {
        literal.append(in.escaped());
      } else if (character != '%') {
        literal.append(character);
      } else if (in.accept('%')) {
        literal.append('%');
      } else {
        literals.add(literal.toString());
        literal.setLength(0);
        conversions.add(Conversion.read(in));
      }
    }
    literals.add(literal.toString());
    return new PrintfFormat(literals, conversions);
  }

  /** Returns how many values it takes. */
  int arguments() {
    return conversions.size();
  }

  /** Returns the text for {@code values}, cut to the limit. */
  String text(long[] values, GuestStrings strings, AgentLimits limits) {
    StringBuilder text = new StringBuilder(literals.get(0));
    for (int i = 0; i < conversions.size() && text.length() < limits.textBytes(); i++) {
      conversions.get(i).append(text, values[i], strings);
      text.append(literals.get(i + 1));
    }
    text.setLength(Math.min(text.length(), limits.textBytes()));
    return text.toString();
  }

  /** A cursor over a format. */
  static final class FormatReader {

    private final String source;
    private int position;

    FormatReader(String source) {
      this.source = source;
    }

    boolean atEnd() {
      return position == source.length();
    }

    char next() throws BadAgentCodeException {
      if (atEnd()) {
        throw bad("more");
      }
      return source.charAt(position++);
    }

    boolean accept(char character) {
      if (atEnd() || source.charAt(position) != character) {
        return false;
      }
      position++;
      return true;
    }

    /** Reads what follows a backslash. */
    char escaped() throws BadAgentCodeException {
      char character = next();
      return switch (character) {
        case 'n' -> '\n';
        case 't' -> '\t';
        case 'r' -> '\r';
        case 'a' -> '\u0007';
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'v' -> '\u000b';
        case 'e' -> '\u001b';
        case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(character - '0');
        default -> character;
      };
    }

    /** Reads a decimal number of at most three digits. */
    @Nullable Integer number() throws BadAgentCodeException {
      int start = position;
      while (!atEnd() && Character.digit(source.charAt(position), 10) >= 0) {
        position++;
      }
      if (position - start > 3) {
        throw bad("a width below 1000");
      }
      return position == start ? null : Integer.valueOf(source.substring(start, position));
    }

    BadAgentCodeException bad(String expected) {
      return new BadAgentCodeException(
          "printf: expected " + expected + " at character " + position + " of the format");
    }

    private char octal(int first) {
      int value = first;
      for (int i = 0; i < 2 && !atEnd() && Character.digit(source.charAt(position), 8) >= 0; i++) {
        value = value << 3 | Character.digit(source.charAt(position++), 8);
      }
      return (char) (value & 0xff);
    }
  }
}
