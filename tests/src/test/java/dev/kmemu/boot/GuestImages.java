package dev.kmemu.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Images from the distribution's packages, fetched into the user's cache when they aren't there.
 */
final class GuestImages {

  private static final Path DIRECTORY = fetch();

  private GuestImages() {}

  static Path cloudKernel() {
    return find("linux-image-cloud-amd64", "vmlinuz-");
  }

  static Path gnuMach() {
    return find("gnumach-image-1.8-486", "gnumach-");
  }

  static Path busybox() {
    return find("busybox-static", "busybox");
  }

  /** Returns a module of {@link #cloudKernel}. */
  static Path module(String name) {
    return find("linux-image-cloud-amd64", name + ".ko");
  }

  private static Path find(String packageName, String prefix) {
    try (Stream<Path> files = Files.walk(DIRECTORY.resolve(packageName))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
          .findFirst()
          .orElseThrow(() -> new AssertionError(packageName + " has no file " + prefix + "*"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path fetch() {
    Path project = Path.of(System.getProperty("kmemu.project", ".."));
    try {
      Process process =
          new ProcessBuilder("sh", project.resolve("launcher/guest-images").toString())
              .redirectErrorStream(true)
              .start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new AssertionError("the guest images can't be had: " + said);
      }
      return Path.of(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
