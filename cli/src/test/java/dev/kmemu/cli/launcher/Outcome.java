package dev.kmemu.cli.launcher;

import java.util.List;

/**
 * What one start of the script left behind.
 *
 * @param status exit status
 * @param output standard output
 * @param errors standard error
 */
record Outcome(int status, String output, String errors) {

  List<String> outputLines() {
    return output.lines().toList();
  }
}
