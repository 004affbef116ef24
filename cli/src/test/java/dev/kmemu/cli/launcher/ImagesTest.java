package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching guest images into the user's cache with {@code setup --images}. */
class ImagesTest {

  private static final List<String> PACKAGES =
      List.of(
          "linux-image-cloud-amd64",
          "busybox-static",
          "gnumach-image-1.8-486",
          "grub-invaders",
          "memtest86+");

  private Sandbox sandbox;
  private Path images;

  @BeforeEach
  void nothingFetched(@TempDir Path directory) {
    sandbox = Sandbox.complete(directory);
    sandbox.installAptWithImages();
    images = sandbox.home.resolve(".cache/kmemu/images");
  }

  @Test
  void eachImageIsFetchedIntoTheCacheAndTold() {
    Outcome outcome = sandbox.kmemu("setup", "--images");

    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.status()).isZero();
    for (String name : PACKAGES) {
      assertThat(outcome.output()).contains(name, images.resolve(name).toString());
    }
    assertThat(images.resolve("grub-invaders/boot/grub-invaders")).hasContent("grub-invaders");
    assertThat(images.resolve("linux-image-cloud-amd64/boot/linux-image-6.1.0-1-cloud-amd64"))
        .as("of the package that the other one names")
        .exists();
  }

  @Test
  void theSecondTimeNothingIsFetched() {
    sandbox.kmemu("setup", "--images");
    long calls = sandbox.callsOf("apt-get");

    Outcome second = sandbox.kmemu("setup", "--images");

    assertThat(second.status()).isZero();
    assertThat(second.output()).contains("(in the cache: " + images.resolve("memtest86+"));
    assertThat(sandbox.callsOf("apt-get")).isEqualTo(calls);
  }

  @Test
  void setupAloneFetchesNone() {
    assertThat(sandbox.kmemu("setup").status()).isZero();
    assertThat(images).doesNotExist();
  }

  @Test
  void whatTheArchiveDoesNotHaveIsNamedAndTheRestIsKept() {
    sandbox.set("APT_LACKS", "memtest86+");

    Outcome outcome = sandbox.kmemu("setup", "--images");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .hasLineCount(1)
        .contains("images: apt couldn't get memtest86+: Unable to locate package");
    assertThat(Files.exists(images.resolve("grub-invaders"))).isTrue();
    assertThat(images.resolve("memtest86+")).doesNotExist();
  }
}
