package dev.kmemu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Signals to processes that the tests started. */
final class Signals {

  /** The number of SIGINT. */
  static final int INT = 2;

  private static final String IGNORED = "SigIgn:";

  private Signals() {}

  /** Whether this process, and so every child, was started to ignore a signal; Linux only. */
  static boolean isIgnored(int number) {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(IGNORED))
          .map(line -> line.substring(IGNORED.length()).strip())
          .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) >>> (number - 1) & 1) != 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the signal {@code name}, such as INT, to one process. */
  static void send(String name, long process) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(process))
              .inheritIO()
              .start()
              .waitFor();
      if (status != 0) {
        throw new AssertionError("kill -" + name + " " + process + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
