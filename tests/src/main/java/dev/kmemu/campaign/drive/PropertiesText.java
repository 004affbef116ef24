package dev.kmemu.campaign.drive;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.stream.Collectors;

/** Properties as text, in the order of their names and without a date. */
final class PropertiesText {

  private PropertiesText() {}

  static String format(Properties properties) {
    StringWriter text = new StringWriter();
    try {
      properties.store(text, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .sorted()
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /**
   * Returns a number, 0 when it isn't there.
   *
   * @throws IllegalArgumentException when it is none, naming it
   */
  static long number(Properties properties, String name) {
    String text = properties.getProperty(name, "0");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " isn't a number: '" + text + "'", e);
    }
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException for text that isn't properties
   */
  static Properties parse(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
