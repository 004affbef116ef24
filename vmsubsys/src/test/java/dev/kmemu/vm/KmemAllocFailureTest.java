package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.fault.FaultCopy;
import dev.kmemu.vm.fault.FaultWiring;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.WiredKmem;
import dev.kmemu.vm.map.EntryWiring;
import dev.kmemu.vm.map.MapSpace;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.map.VmMaps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kmem_alloc3} that fails half way, in maps of their own whose wiring can be made to. */
class KmemAllocFailureTest {

  private final TestKernel kernel = TestKernel.small();
  private final BreakableWiring wiring = new BreakableWiring();
  private final VmMaps maps =
      new VmMaps(
          kernel.vm.tokens(),
          kernel.vm.stats(),
          kernel.vm.sleepQueue(),
          kernel.vm.objects(),
          kernel.vm.growth(),
          wiring,
          new FaultCopy(
              kernel.vm.tokens().vm(),
              kernel.vm.objects(),
              kernel.vm.allocator(),
              kernel.vm.pageState()),
          1,
          null);
  private final Kmem kmem =
      new Kmem(
          maps,
          kernel.vm.pmap(),
          kernel.vm.sleepQueue(),
          new WiredKmem(
              maps,
              kernel.vm.objects(),
              kernel.vm.allocator(),
              kernel.vm.pageState(),
              kernel.vm.tokens().vm()));
  private final VmMap map =
      maps.create("broken", kernel.vm.pmap(), TestKernel.kva(0), TestKernel.kva(16));

  /** Wires like a kernel does until told to fail. */
  private final class BreakableWiring implements EntryWiring {
    private final FaultWiring real =
        new FaultWiring(
            kernel.vm.tokens().vm(), kernel.vm.faults(), kernel.vm.pages(), kernel.vm.pageState());
    private boolean broken;

    @Override
    public KernReturn wire(VmMap of, VmMapEntry entry, boolean userWire) {
      return broken ? KernReturn.PROTECTION_FAILURE : real.wire(of, entry, userWire);
    }

    @Override
    public void unwire(VmMap of, VmMapEntry entry) {
      real.unwire(of, entry);
    }
  }

  @AfterEach
  void invariantsHold() {
    map.lockRead();
    long end = maps.space().find(map, map.min(), 16 * PAGE, PAGE, 0);
    map.unlock();
    assertThat(end).as("all of the map is free").isNotEqualTo(MapSpace.NO_SPACE);
    assertThat(maps.reserve().balance(0)).isEqualTo(10);
    kernel.check();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, MapWiring.KM_KRESERVE, MapWiring.KM_STACK})
  void wiringThatFailsLeavesNothingBehind(int kmflags) {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    wiring.broken = true;

    assertThat(kmem.alloc3(map, 4 * PAGE, kmflags))
        .isEqualTo(new KmemResult.NotWired("PROTECTION_FAILURE"));

    assertThat(map.nentries()).isZero();
    assertThat(map.size()).isZero();
    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isZero();
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
  }

  @Test
  void theNextRequestGetsTheSameAddress() {
    wiring.broken = true;
    assertThat(kmem.alloc(map, 4 * PAGE)).isInstanceOf(KmemResult.NotWired.class);
    wiring.broken = false;

    long va = kmem.alloc(map, 4 * PAGE).orThrow().value();

    assertThat(va).isEqualTo(map.min());
    assertThat(kernel.wiredCount()).isEqualTo(4);
    maps.removal().remove(map, va, va + 4 * PAGE);
  }
}
