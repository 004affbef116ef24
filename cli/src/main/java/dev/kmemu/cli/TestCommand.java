package dev.kmemu.cli;

import picocli.CommandLine.Command;

/** Listed for the help; the launcher does the work before the program starts. */
@Command(
    name = "test",
    description = "Build and run all tests; further arguments go to Maven.",
    mixinStandardHelpOptions = true)
final class TestCommand implements Runnable {

  @Override
  public void run() {
    throw CommandException.usage("test: only the launcher can do this (use ./kmemu test)", null);
  }
}
