package dev.kmemu.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Coverage is a value that merges. */
class CoverageTest {

  private static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable("a", 10, Integer::toString),
          new FeatureTable("b", 10, Integer::toString));

  private static Coverage of(List<Integer> features) {
    Coverage coverage = new Coverage(TABLES);
    features.forEach(feature -> coverage.hit(feature / 10, feature % 10));
    return coverage;
  }

  private static void assertSame(Coverage one, Coverage other) {
    for (int i = 0; i < 20; i++) {
      assertThat(one.count(i / 10, i % 10)).isEqualTo(other.count(i / 10, i % 10));
    }
  }

  @Property(tries = 100)
  void theOrderOfMergingDoesNotMatter(
      @ForAll @Size(max = 20) List<@IntRange(max = 19) Integer> first,
      @ForAll @Size(max = 20) List<@IntRange(max = 19) Integer> second) {
    Coverage one = of(first);
    one.merge(of(second));
    Coverage other = of(second);
    other.merge(of(first));

    assertSame(one, other);
    assertThat(one.seen()).isEqualTo(one.seen(0) + one.seen(1));
  }

  @Test
  void mergingTellsWhatIsNew() {
    Coverage coverage = of(List.of(1, 2));

    assertThat(coverage.merge(of(List.of(2, 3, 13)))).isEqualTo(2);
    assertThat(coverage.merge(of(List.of(2, 3, 13)))).isZero();
    assertThat(coverage.count(0, 2)).isEqualTo(3);
  }

  @Test
  void coverageOfOtherFeaturesIsRefused() {
    Coverage other = new Coverage(List.of(new FeatureTable("a", 10, Integer::toString)));

    assertThatThrownBy(() -> of(List.of()).merge(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different features");
  }
}
