package dev.kmemu.cli.monitor;

import java.util.List;

/** One command of {@code monitor}. */
interface MonitorCommand {

  /** Returns the command's first word. */
  String name();

  /** Returns what a user types, name included. */
  String usage();

  /** Returns what it does, in one line. */
  String summary();

  /**
   * Executes the command and returns what the user reads, lines ended by a newline.
   *
   * @param words what follows the name
   * @throws MonitorException when the words make no sense, or the answer can't be given
   */
  String execute(List<String> words);

  /** Returns what more a user should know, lines ended by a newline; empty when nothing is. */
  default String details() {
    return "";
  }
}
