package dev.kmemu.cli;

import java.io.PrintStream;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The guest's console, printed line by line so that it doesn't mix with the program's own output.
 */
final class ConsoleText implements IntConsumer {

  private static final int LONGEST_LINE = 4096;

  private final @Nullable PrintStream out;
  private final StringBuilder line = new StringBuilder();

  /** Prints to {@code out}; null swallows the text. */
  ConsoleText(@Nullable PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(int character) {
    if (character == '\n' || line.length() == LONGEST_LINE) {
      if (out != null) {
        out.println("  " + line);
        out.flush();
      }
      line.setLength(0);
    }
    if ((character >= ' ' && character < 127) || character == '\t') {
      line.append((char) character);
    }
  }
}
