package dev.kmemu.cli;

import dev.kmemu.gdb.server.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a debugger takes part in a run or a boot. */
final class DebuggingOptions {

  @Option(
      names = "--gdb",
      paramLabel = "[HOST:]PORT|unix:FILE",
      converter = ListenAddress.class,
      description =
          "Let gdb attach; port 0 takes any free one. Without --exit the machine stays up"
              + " after the guest has ended.")
  private @Nullable Endpoint gdb;

  @Option(
      names = "--wait",
      description = "Hold the CPU until a debugger continues it. Needs --gdb.")
  private boolean hold;

  @Option(names = "--exit", description = "End when the guest has ended, also with --gdb.")
  private boolean exit;

  /** Refuses a CPU that nothing could continue; {@code command} is what the user typed. */
  void check(String command) {
    if (hold && gdb == null) {
      throw CommandException.usage(
          command + ": --wait: nothing could continue the CPU (add --gdb PORT)", null);
    }
  }

  /** Returns where to listen, or null. */
  @Nullable Endpoint address() {
    return gdb;
  }

  /** Whether the CPU waits for the debugger. */
  boolean hold() {
    return hold;
  }

  /** Whether the machine goes with the guest. */
  boolean exit() {
    return exit;
  }
}
