package dev.kmemu.campaign.image;

import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Verb;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;

/** Damaged boot images. */
public final class ImageSuite implements Suite {

  /** Creates the suite. */
  public ImageSuite() {}

  @Override
  public String name() {
    return "image";
  }

  @Override
  public String description() {
    return "damaged boot images, which are loaded or refused in one line";
  }

  @Override
  public List<Verb> verbs() {
    return List.of(ImageVerb.values());
  }

  @Override
  public List<FeatureTable> features() {
    return ImageStage.TABLES;
  }

  @Override
  public boolean usesPmap() {
    return false;
  }

  @Override
  public Stage open(StageOptions options) {
    return new ImageStage(options);
  }
}
