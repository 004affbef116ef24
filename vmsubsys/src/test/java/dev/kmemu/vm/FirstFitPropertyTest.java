package dev.kmemu.vm;

import dev.kmemu.vm.model.Stage;
import dev.kmemu.vm.model.Steps;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.ActionChain;

/**
 * Random sequences of all operations on the kernel map and its submaps, against a model of
 * intervals.
 *
 * <p>A failure reports its seed, and the shortest sequence found that still fails with the result
 * of each call. The next run repeats that seed; anywhere else {@code @Property(seed = "...")} does.
 */
class FirstFitPropertyTest {

  /** Not much: the checker reads every page. */
  private static final long RAM = 6 << 20;

  private static final int OPERATIONS = 40;

  @Provide
  Arbitrary<ActionChain<Stage>> operations() {
    return Steps.chains(() -> TestKernel.withRam(RAM).vm, OPERATIONS);
  }

  @Property(tries = 60)
  void addressesAreThoseOfAFirstFitModel(@ForAll("operations") ActionChain<Stage> operations) {
    operations.withInvariant("the VM is as the model says", Stage::verify).run().freeEverything();
  }
}
