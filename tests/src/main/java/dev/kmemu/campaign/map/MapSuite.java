package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.StepSource;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Verb;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;

/** Address spaces without paging, or with it. */
public final class MapSuite implements Suite {

  private static final int SWAP_PAGES = 12;

  private final String name;
  private final String description;
  private final List<Verb> verbs;
  private final int swapPages;

  private MapSuite(String name, String description, List<Verb> verbs, int swapPages) {
    this.name = name;
    this.description = description;
    this.verbs = verbs;
    this.swapPages = swapPages;
  }

  /** Returns the suite of what processes do to their memory. */
  public static Suite map() {
    return new MapSuite(
        "map",
        "address spaces that are mapped, forked and locked, against a model of their pages",
        MapVerb.withoutPaging(),
        0);
  }

  /** Returns the same with paging to a swap that is soon full, and faults without an access. */
  public static Suite faults() {
    return new MapSuite(
        "faults",
        "the map suite with injected faults, memory shortage, and a swap that fails",
        List.of(MapVerb.values()),
        SWAP_PAGES);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<Verb> verbs() {
    return verbs;
  }

  @Override
  public List<FeatureTable> features() {
    return MapFeatures.TABLES;
  }

  @Override
  public List<Step> next(StepSource source) {
    return SectionSource.comesNext(source) ? SectionSource.section(source) : List.of(source.next());
  }

  @Override
  public boolean usesPmap() {
    return true;
  }

  @Override
  public Stage open(StageOptions options) {
    return new MapStage(options, swapPages);
  }
}
