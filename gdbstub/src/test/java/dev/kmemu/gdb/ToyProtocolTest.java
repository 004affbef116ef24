package dev.kmemu.gdb;

import dev.kmemu.emulator.debug.DebugTarget;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** The toy machine, with everything and with nothing optional. */
class ToyProtocolTest {

  @Nested
  class WithEverything extends Toy {
    WithEverything() {
      super(new ToyTarget().withEverything());
    }
  }

  @Nested
  class WithNothing extends Toy {
    WithNothing() {
      super(new ToyTarget().withoutAvx());
    }
  }

  abstract static class Toy extends ProtocolSuite {

    private final ToyTarget target;
    private @Nullable ToyCpu cpu;

    Toy(ToyTarget target) {
      super(ToyTarget.RAM.plus(0x800));
      this.target = target;
    }

    @Override
    protected DebugTarget target() {
      return target;
    }

    @BeforeEach
    void startCpu() {
      cpu = new ToyCpu(target);
    }

    @AfterEach
    void stopCpu() {
      if (cpu != null) {
        cpu.stop();
      }
    }
  }
}
