package dev.kmemu.cli;

import picocli.CommandLine.Command;

/** Listed for the help; the launcher does the work before the program starts. */
@Command(
    name = "setup",
    description =
        "Get what is missing: libunicorn and the build; with --images also guest images to boot."
            + " Prints what it did.")
final class SetupCommand implements Runnable {

  @Override
  public void run() {
    throw CommandException.usage("setup: only the launcher can do this (use ./kmemu setup)", null);
  }
}
