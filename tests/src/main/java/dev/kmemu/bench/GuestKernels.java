package dev.kmemu.bench;

import dev.kmemu.firmware.FirmwareImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the kernels' binaries come from: a directory of {@code NAME.bin}, and what it doesn't hold,
 * from kmemu's own.
 */
final class GuestKernels {

  private static final int LARGEST = (int) (GuestLayout.HLT - GuestLayout.CODE);

  private final @Nullable Path directory;

  GuestKernels(@Nullable Path directory) {
    if (directory != null && !Files.isDirectory(directory)) {
      throw new BenchmarkException(directory + ": no such directory (it should hold NAME.bin)");
    }
    this.directory = directory;
  }

  /** Whether the directory holds {@code name}. */
  boolean isGiven(String name) {
    return directory != null && Files.isRegularFile(directory.resolve(name + ".bin"));
  }

  /** Returns the code of {@code name}. */
  byte[] code(String name) {
    byte[] code = directory != null && isGiven(name) ? given(directory, name) : own(name);
    if (code.length == 0 || code.length > LARGEST) {
      throw new BenchmarkException(
          name + ".bin has " + code.length + " bytes, must be 1 to " + LARGEST);
    }
    return code;
  }

  private static byte[] given(Path directory, String name) {
    try {
      return Files.readAllBytes(directory.resolve(name + ".bin"));
    } catch (IOException e) {
      throw new BenchmarkException(name + ".bin can't be read: " + e.getMessage(), e);
    }
  }

  private static byte[] own(String name) {
    try (InputStream in = FirmwareImage.class.getResourceAsStream("bench/" + name + ".bin")) {
      if (in == null) {
        throw new BenchmarkException("there is no kernel named " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BenchmarkException(name + ".bin can't be read: " + e.getMessage(), e);
    }
  }
}
