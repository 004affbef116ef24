package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A fault where nothing is mapped may be a stack's. */
class StackGrowthTest {

  private final MappedObjects memory = new MappedObjects();

  @Test
  void theFaultGoesOnWhenTheStackHasGrown() {
    memory
        .kernel
        .vm
        .faults()
        .setStackGrowth(
            (map, va) -> {
              memory.map(memory.anonymous(1), 1);
              return KernReturn.SUCCESS;
            });

    assertThat(memory.write(memory.map.min())).isEqualTo(KernReturn.SUCCESS);
    memory.kernel.check();
  }

  @Test
  void itFailsWhenTheStackCannotGrow() {
    memory.kernel.vm.faults().setStackGrowth((map, va) -> KernReturn.NO_SPACE);

    assertThat(memory.write(memory.map.min())).isEqualTo(KernReturn.FAILURE);
  }

  @Test
  void growthIsTriedOnce() {
    AtomicInteger tries = new AtomicInteger();
    memory
        .kernel
        .vm
        .faults()
        .setStackGrowth(
            (map, va) -> {
              tries.incrementAndGet();
              return KernReturn.SUCCESS;
            });

    assertThat(memory.write(memory.map.min() + PAGE)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(tries).hasValue(1);
  }

  @Test
  void theKernelMapHasNoStacksThatGrow() {
    memory.kernel.vm.faults().setStackGrowth((map, va) -> KernReturn.NO_SPACE);

    assertThat(
            memory
                .kernel
                .vm
                .faults()
                .fault(memory.kernel.map(), memory.map.max(), VmProt.READ, FaultFlags.NORMAL))
        .isEqualTo(KernReturn.INVALID_ADDRESS);
  }
}
