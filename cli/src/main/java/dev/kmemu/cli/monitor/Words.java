package dev.kmemu.cli.monitor;

import java.util.List;
import java.util.Locale;

/** What the words of a command mean. */
final class Words {

  private Words() {}

  /** Returns the only word. */
  static String only(List<String> words, MonitorCommand command, String what) {
    if (words.size() != 1) {
      throw new MonitorException(
          command.name() + " takes one " + what + ": monitor " + command.usage());
    }
    return words.get(0);
  }

  /** Refuses words where none are taken. */
  static void none(List<String> words, MonitorCommand command) {
    if (!words.isEmpty()) {
      throw new MonitorException(
          command.name() + " takes nothing, got '" + String.join(" ", words) + "'");
    }
  }

  /** Reads a hex number of up to 64 bits, with or without 0x. */
  static long address(String word) {
    String digits = word.toLowerCase(Locale.ROOT).startsWith("0x") ? word.substring(2) : word;
    try {
      if (digits.startsWith("+")) {
        throw new NumberFormatException();
      }
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException e) {
      throw new MonitorException(
          "'" + word + "' isn't an address: up to 16 hex digits, or a register such as $rsp");
    }
  }

  /** Reads a hex number, or the value of a register written as {@code $rsp}. */
  static long address(String word, PausedCpu cpu) {
    return word.startsWith("$") ? cpu.register(word.substring(1)) : address(word);
  }
}
