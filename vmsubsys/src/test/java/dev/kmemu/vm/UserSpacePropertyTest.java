package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;

import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.space.Families;
import dev.kmemu.vm.space.SpaceStage;
import dev.kmemu.vm.space.SpaceStep;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random sequences of all that processes can do to their memory: what was written is read again, in
 * all address spaces that have it and in no other, and nothing is left when they have ended.
 *
 * <p>A failure reports its seed and the shortest sequence found that still fails; {@code
 * Property(seed = "...")} repeats it.
 */
class UserSpacePropertyTest {

  private static final int STEPS = 80;

  @Provide
  Arbitrary<List<SpaceStep>> sequences() {
    return SpaceStep.sequences(STEPS);
  }

  @Property(tries = 50)
  void spacesHoldWhatAModelOfTheirContentsSays(@ForAll("sequences") List<SpaceStep> steps) {
    TestKernel kernel = TestKernel.withSwap(6 * MIB, new SwapConfig.Memory(64));
    SpaceStage stage = new SpaceStage(kernel.vm);
    for (SpaceStep step : steps) {
      stage.apply(step);
      stage.verify();
    }
    stage.loadAll();
    stage.end();
  }

  /**
   * Locked and wired memory stays, and all else may be gone for want of swap: never its contents.
   */
  @Property(tries = 20)
  void theyDoSoWhenSwapIsFullToo(@ForAll("sequences") List<SpaceStep> steps) {
    TestKernel kernel = TestKernel.withSwap(6 * MIB, new SwapConfig.Memory(3));
    SpaceStage stage = new SpaceStage(kernel.vm);
    for (SpaceStep step : steps) {
      stage.apply(step);
      stage.pageOut();
      stage.verify();
    }
    stage.loadAll();
    stage.end();
  }

  @Provide
  Arbitrary<List<List<SpaceStep>>> families() {
    return Families.inTurn(20);
  }

  /** With one page, so that most steps concern what the steps before have done. */
  @Property(tries = 25)
  void familiesThatForkLockAndShareAPageKeepItUntilTheLastEnds(
      @ForAll("families") List<List<SpaceStep>> families) {
    TestKernel kernel = TestKernel.withSwap(6 * MIB, new SwapConfig.Memory(64));
    SpaceStage stage = new SpaceStage(kernel.vm, 1, 3);
    for (List<SpaceStep> family : families) {
      for (SpaceStep step : family) {
        stage.apply(step);
        stage.verifyMapped();
      }
      stage.verify();
    }
    stage.end();
  }
}
