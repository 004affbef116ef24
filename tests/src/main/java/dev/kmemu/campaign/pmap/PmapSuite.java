package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Verb;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.guest.AccessType;
import java.util.List;
import java.util.stream.LongStream;

/** The pmap routines and a CPU's accesses. */
public final class PmapSuite implements Suite {

  /** Creates the suite. */
  public PmapSuite() {}

  @Override
  public String name() {
    return "pmap";
  }

  @Override
  public String description() {
    return "pmap routines and accesses of ring 0 and 3, against a model of mappings";
  }

  @Override
  public List<Verb> verbs() {
    return List.of(PmapVerb.values());
  }

  @Override
  public List<FeatureTable> features() {
    return PmapFeatures.TABLES;
  }

  /** Of a sweep, one access will mostly do. */
  @Override
  public List<Step> simpler(Step step) {
    if (step.verb() != PmapVerb.SWEEP) {
      return List.of();
    }
    PmapVerb access =
        switch (AccessType.of(step.index(1))) {
          case LOAD -> PmapVerb.LOAD;
          case STORE -> PmapVerb.STORE;
          case FETCH -> PmapVerb.FETCH;
        };
    return LongStream.range(0, PmapAddresses.COUNT)
        .mapToObj(at -> Step.of(access, step.value(0), at))
        .toList();
  }

  @Override
  public boolean usesPmap() {
    return true;
  }

  @Override
  public Stage open(StageOptions options) {
    return new PmapStage(options);
  }
}
