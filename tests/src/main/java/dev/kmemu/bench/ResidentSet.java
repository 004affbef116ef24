package dev.kmemu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Scanner;

/** How much memory the host has given to this process. */
final class ResidentSet {

  private static final Path STATUS = Path.of("/proc/self/status");

  private ResidentSet() {}

  /** Returns KiB, empty where the host doesn't tell (it isn't Linux). */
  static OptionalLong kibibytes() {
    if (!Files.isReadable(STATUS)) {
      return OptionalLong.empty();
    }
    try (Scanner words = new Scanner(Files.readString(STATUS))) {
      while (words.hasNext()) {
        if (words.next().equals("VmRSS:")) {
          return OptionalLong.of(words.nextLong());
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
