package dev.kmemu.campaign.gdb;

import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Verb;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;

/** A debugger. */
public final class GdbSuite implements Suite {

  /** Creates the suite. */
  public GdbSuite() {}

  @Override
  public String name() {
    return "gdb";
  }

  @Override
  public String description() {
    return "packets to a live stub, against a model of a machine in a loop";
  }

  @Override
  public List<Verb> verbs() {
    return List.of(GdbVerb.values());
  }

  @Override
  public List<FeatureTable> features() {
    return GdbStage.TABLES;
  }

  @Override
  public boolean usesPmap() {
    return false;
  }

  @Override
  public Stage open(StageOptions options) {
    return new GdbStage(options);
  }
}
