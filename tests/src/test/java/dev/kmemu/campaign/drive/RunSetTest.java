package dev.kmemu.campaign.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Runs are neither lost nor counted twice, in whatever order their ranges come. */
class RunSetTest {

  @Property(tries = 100)
  void rangesOfAnyOrderJoinToOne(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int size) {
    List<RunRange> ranges = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ranges.add(new RunRange((long) i * size, size));
    }
    Collections.shuffle(ranges, new Random(seed));
    RunSet set = new RunSet();

    ranges.forEach(set::add);

    assertThat(set).hasToString("0-" + (20 * size - 1));
    assertThat(set.size()).isEqualTo(20L * size);
  }

  @Test
  void theFirstGapLiesBeforeWhatIsThere() {
    RunSet set = RunSet.parse("4-5,9-9");

    assertThat(set.firstGap(10)).isEqualTo(new RunRange(0, 4));
    set.add(new RunRange(0, 4));
    assertThat(set.firstGap(10)).isEqualTo(new RunRange(6, 3));
    assertThat(set.firstGap(2)).isEqualTo(new RunRange(6, 2));
    set.add(new RunRange(6, 3));
    assertThat(set.firstGap(10)).isEqualTo(new RunRange(10, 10));
  }

  @Test
  void whatIsThereIsNotAddedAgain() {
    RunSet set = RunSet.parse("4-7");

    assertThat(set.overlaps(new RunRange(0, 5))).isTrue();
    assertThat(set.overlaps(new RunRange(7, 1))).isTrue();
    assertThat(set.overlaps(new RunRange(0, 4))).isFalse();
    assertThat(set.overlaps(new RunRange(8, 4))).isFalse();
    assertThatThrownBy(() -> set.add(new RunRange(6, 9))).hasMessageContaining("6-14", "4-7");
  }

  @Test
  void otherTextIsRefused() {
    assertThatThrownBy(() -> RunSet.parse("1-x")).hasMessageContaining("'1-x'");
    assertThatThrownBy(() -> RunSet.parse("5-2")).isInstanceOf(IllegalArgumentException.class);
    assertThat(RunSet.parse("").size()).isZero();
  }

  @Test
  void rangesAreGivenOutOnceAndUpToTheEnd() {
    RunDispenser runs = new RunDispenser(RunSet.parse("3-4"), 2, 8, result -> {});

    assertThat(runs.next()).contains(new RunRange(0, 2));
    assertThat(runs.next()).contains(new RunRange(2, 1));
    assertThat(runs.next()).contains(new RunRange(5, 2));
    assertThat(runs.next()).contains(new RunRange(7, 1));
    assertThat(runs.next()).isEqualTo(Optional.empty());
  }
}
