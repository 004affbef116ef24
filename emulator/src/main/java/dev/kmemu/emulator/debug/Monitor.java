package dev.kmemu.emulator.debug;

/** The commands behind gdb's {@code monitor}. */
@FunctionalInterface
public interface Monitor {

  /**
   * Executes one line and returns what the user reads, lines ended by {@code \n}. An unknown or
   * wrong command is answered with a text too.
   */
  String execute(String line);
}
