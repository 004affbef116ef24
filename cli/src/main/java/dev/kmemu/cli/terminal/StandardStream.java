package dev.kmemu.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One of the three streams that a program is started with. */
public enum StandardStream {
  /** Standard input. */
  INPUT(0),
  /** Standard output. */
  OUTPUT(1),
  /** Standard error. */
  ERROR(2);

  private final int descriptor;

  StandardStream(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Whether a person sits at it; false where the host doesn't tell, that is, not on Linux. */
  public boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }
}
