package dev.kmemu.campaign.image;

import dev.kmemu.campaign.PlantedSuite;
import dev.kmemu.emulator.boot.BootImages;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.boot.LoadedPart;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The image suite finds what a loader gets wrong. */
class PlantedImageBugsTest {

  private static void assertFound(ImageStage.Loader loader) {
    PlantedSuite.of("image", options -> new ImageStage(options, loader)).assertFound(200, 12, 4);
  }

  @Test
  void aLoaderThatReadsBehindTheEndIsFound() {
    assertFound(
        (name, image, ram, request) -> {
          if (image.length < 0x80) {
            throw new ArrayIndexOutOfBoundsException(image.length);
          }
          return BootImages.parse(name, image, null, OptionalLong.empty()).load(ram, request);
        });
  }

  @Test
  void partsThatOverlapAreFound() {
    assertFound(
        (name, image, ram, request) -> {
          Loaded loaded =
              BootImages.parse(name, image, null, OptionalLong.empty()).load(ram, request);
          List<LoadedPart> parts = new ArrayList<>(loaded.parts());
          if (request.modules().size() == 2) {
            parts.add(parts.get(0));
          }
          return new Loaded(loaded.entry(), parts);
        });
  }
}
