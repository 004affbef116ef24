package dev.kmemu.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Boots an image for a while and prints what its page tables map then. */
@Command(
    name = "maps",
    header = "Boot an image for a while and print what its page tables map.",
    description = {
      "",
      "Takes what 'boot' takes. Prints ranges of equal rights with their sizes and "
          + "flags, and which of them are writable and executable. Without --timeout "
          + "the guest has 10 seconds; without --serial its output is dropped.",
      ""
    },
    footer = {"", "Exit status: as of 'boot', but 0 when the time is over."})
final class MapsCommand implements Callable<Integer> {

  @Mixin private BootCommand boot = new BootCommand();

  @Override
  public Integer call() {
    int status = boot.printMaps();
    return status == ExitStatus.TIMEOUT ? ExitStatus.OK : status;
  }
}
