package dev.kmemu.cli;

import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornException;
import dev.kmemu.emulator.unicorn.UnicornLoader;

/** Loads libunicorn for a command. */
final class UnicornAccess {

  private UnicornAccess() {}

  /** Loads it, or ends the command with an environment error. */
  static Unicorn load() {
    try {
      return UnicornLoader.load();
    } catch (UnicornException e) {
      throw CommandException.environment(e.getMessage(), e);
    }
  }
}
