package dev.kmemu.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.unicorn.UnicornLoader;
import org.junit.jupiter.api.Test;

class FaultLoopTest {

  @Test
  void eachRoundFaultsOnEveryPageAgain() {
    try (FaultLoop loop = new FaultLoop(UnicornLoader.load())) {
      assertThat(loop.run(1).result()).isEqualTo(FaultLoop.PAGES);
      assertThat(loop.run(20).result())
          .as("more pages than RAM has, so that freed ones come back")
          .isEqualTo(20 * FaultLoop.PAGES);
    }
  }
}
