package dev.kmemu.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
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

  /**
   * Returns a way to write to it, without a buffer: a prompt doesn't end with a line feed. Closing
   * ends a write that waits for a reader, with a {@link java.nio.channels.ClosedChannelException},
   * and nothing can be written to this stream any more then.
   *
   * @throws IllegalStateException for {@link #INPUT}
   */
  public OutputStream open() {
    FileDescriptor target =
        switch (this) {
          case INPUT -> throw new IllegalStateException("standard input isn't written to");
          case OUTPUT -> FileDescriptor.out;
          case ERROR -> FileDescriptor.err;
        };
    // Only a channel wakes the thread that waits in it.
    return Channels.newOutputStream(new FileOutputStream(target).getChannel());
  }

  /** Whether another program is at its other end; false where the host doesn't tell. */
  public boolean isPipe() {
    String target = target();
    return target.startsWith("pipe:") || target.startsWith("socket:");
  }

  /** Whether a person sits at it; false where the host doesn't tell, that is, not on Linux. */
  public boolean isTerminal() {
    String target = target();
    return target.startsWith("/dev/pts/")
        || target.startsWith("/dev/tty")
        || target.equals("/dev/console");
  }

  private String target() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
