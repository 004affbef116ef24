package dev.kmemu.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.shrink.Shrinker;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is shrunk still fails, and nothing can be left out of it. */
class ShrinkerTest {

  private enum Toy implements Verb {
    PUT,
    TAKE,
    NOISE;

    private static final Operand NUMBER = new Operand.Decimal("number", 0, 999);

    @Override
    public String word() {
      return name();
    }

    @Override
    public List<Operand> operands() {
      return List.of(NUMBER);
    }

    @Override
    public int weight() {
      return this == NOISE ? 20 : 1;
    }
  }

  private static List<Step> random(long seed, int count) {
    return new StepSource(List.of(Toy.values()), seed).steps(count);
  }

  private static List<Step> shrink(List<Step> steps, Predicate<List<Step>> fails) {
    return new Shrinker(step -> List.of(), fails, () -> false).shrink(steps);
  }

  private static boolean hasPutThenTake(List<Step> steps, long number) {
    int put = steps.indexOf(Step.of(Toy.PUT, number));
    return put >= 0 && steps.subList(put, steps.size()).contains(Step.of(Toy.TAKE, number));
  }

  @Property(tries = 50)
  void ofManyStepsOnlyThoseThatMatterAreLeft(@ForAll @IntRange(min = 0, max = 500) int seed) {
    List<Step> steps = new ArrayList<>(random(seed, 1000));
    steps.add(seed, Step.of(Toy.PUT, 7));
    steps.add(900, Step.of(Toy.TAKE, 7));

    assertThat(shrink(steps, s -> hasPutThenTake(s, 7)))
        .containsExactly(Step.of(Toy.PUT, 7), Step.of(Toy.TAKE, 7));
  }

  @Property(tries = 30)
  void thousandsOfStepsThatMustAllBeThereAreKept(@ForAll @IntRange(min = 1, max = 12) int needed) {
    List<Step> steps = random(needed, 5000);
    Set<Step> wanted = steps.stream().skip(100).limit(needed).collect(Collectors.toSet());

    List<Step> shrunk = shrink(steps, s -> s.containsAll(wanted));

    assertThat(shrunk).containsExactlyInAnyOrderElementsOf(wanted);
  }

  @Test
  void operandsBecomeAsSimpleAsTheyCan() {
    List<Step> steps = List.of(Step.of(Toy.PUT, 777), Step.of(Toy.NOISE, 500));

    assertThat(shrink(steps, s -> s.stream().anyMatch(step -> step.value(0) >= 300)))
        .hasSize(1)
        .allMatch(step -> step.value(0) == 300);
  }

  @Test
  void operandsThatMustBeEqualAreSimplifiedTogether() {
    List<Step> steps = List.of(Step.of(Toy.PUT, 777), Step.of(Toy.TAKE, 777));

    List<Step> shrunk =
        shrink(
            steps,
            s ->
                s.size() == 2
                    && s.get(0).verb() == Toy.PUT
                    && s.get(1).verb() == Toy.TAKE
                    && s.get(0).value(0) == s.get(1).value(0));

    assertThat(shrunk).allMatch(step -> step.value(0) == 0);
  }

  @Test
  void aStepIsReplacedByASimplerOne() {
    Shrinker shrinker =
        new Shrinker(
            step -> step.verb() == Toy.TAKE ? List.of(Step.of(Toy.PUT, 3)) : List.of(),
            s -> s.stream().anyMatch(step -> step.verb() != Toy.NOISE && step.value(0) > 2),
            () -> false);

    assertThat(shrinker.shrink(List.of(Step.of(Toy.TAKE, 9)))).containsExactly(Step.of(Toy.PUT, 3));
  }

  @Test
  void whenItIsOverTheShortestSoFarMustDo() {
    List<Step> steps = random(1, 100);
    int[] tries = {0};

    List<Step> shrunk =
        new Shrinker(step -> List.of(), s -> !s.isEmpty(), () -> ++tries[0] > 2).shrink(steps);

    assertThat(shrunk).hasSizeLessThan(100).hasSizeGreaterThan(1);
  }
}
