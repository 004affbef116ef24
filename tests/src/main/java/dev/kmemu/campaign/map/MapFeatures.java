package dev.kmemu.campaign.map;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.guest.AccessType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the map and faults suites count as covered. */
final class MapFeatures {

  private static final List<MapVerb> VERBS = List.of(MapVerb.values());
  private static final int SHAPES = 128;
  private static final int PAGE_KINDS = 32;
  private static final int OUTCOMES = MapAccesses.OUTCOMES.size();

  static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable("access", PAGE_KINDS * 4 * OUTCOMES, MapFeatures::accessLabel),
          new FeatureTable(
              "pair",
              VERBS.size() * VERBS.size(),
              i -> word(i / VERBS.size()) + "/" + word(i % VERBS.size())),
          new FeatureTable("shape", VERBS.size() * SHAPES, MapFeatures::shapeLabel));

  private MapFeatures() {}

  static void pair(Coverage coverage, int last, MapVerb verb) {
    if (last >= 0) {
      coverage.hit(1, last * VERBS.size() + verb.number());
    }
  }

  static void shape(Coverage coverage, MapVerb verb, SpaceModel space) {
    coverage.hit(2, verb.number() * SHAPES + space.shape());
  }

  static void access(
      Coverage coverage, AccessType type, boolean user, @Nullable SpacePage page, String outcome) {
    int kind =
        page == null
            ? 0
            : 1
                | (page.isWritable() ? 2 : 0)
                | (page.locked ? 4 : 0)
                | (page.maybeCopied ? 8 : 0)
                | (page.contents.shared ? 16 : 0);
    int found = MapAccesses.OUTCOMES.indexOf(outcome);
    int result = found < 0 ? OUTCOMES - 1 : found;
    int access = (type == AccessType.STORE ? 2 : 0) + (user ? 1 : 0);
    coverage.hit(0, (kind * 4 + access) * OUTCOMES + result);
  }

  private static String word(int verb) {
    return VERBS.get(verb).word();
  }

  private static String accessLabel(int index) {
    int kind = index / OUTCOMES / 4;
    int access = index / OUTCOMES % 4;
    String page =
        (kind & 1) == 0
            ? "nothing"
            : ((kind & 2) != 0 ? "writable" : "not writable")
                + ((kind & 4) != 0 ? " locked" : "")
                + ((kind & 8) != 0 ? " copied" : "")
                + ((kind & 16) != 0 ? " shared" : "");
    return page
        + ((access & 2) != 0 ? "/store" : "/load")
        + ((access & 1) != 0 ? "/user/" : "/kernel/")
        + MapAccesses.OUTCOMES.get(index % OUTCOMES);
  }

  private static String shapeLabel(int index) {
    int shape = index % SHAPES;
    return word(index / SHAPES)
        + "/"
        + (shape & 15)
        + " ranges"
        + ((shape & 16) != 0 ? " shared" : "")
        + ((shape & 32) != 0 ? " locked" : "")
        + ((shape & 64) != 0 ? " copied" : "");
  }
}
