package dev.kmemu.cli;

import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.gdb.rehearsal.Rehearsal;
import dev.kmemu.gdb.server.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a debugger takes part in a run or a boot. */
final class DebuggingOptions {

  /** Two to three seconds of background work: a connect takes a quarter of its time then. */
  private static final Rehearsal.Plan REHEARSALS = new Rehearsal.Plan(150, 3_000, 250);

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

  private @Nullable Rehearsal rehearsal;

  /** Refuses a CPU that nothing could continue; {@code command} is what the user typed. */
  void check(String command) {
    if (hold && gdb == null) {
      throw CommandException.usage(
          command + ": --wait: nothing could continue the CPU (add --gdb PORT)", null);
    }
  }

  /**
   * Prepares for a debugger, if one may come, while the machine is made. Who calls this calls
   * {@link #endRehearsal} in the end.
   */
  void rehearse(Unicorn unicorn) {
    if (gdb != null) {
      rehearsal =
          Rehearsal.begin(() -> SpareMachine.create(unicorn), SpareMachine.LOOP, REHEARSALS);
    }
  }

  /** Leaves the cores to the debugger that has come, or to nobody. Harmless when repeated. */
  void endRehearsal() {
    Rehearsal begun = rehearsal;
    if (begun != null) {
      begun.end();
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
