package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wiring and unwiring of pageable memory in an ordinary submap. */
class MapWiringTest {

  private final TestKernel kernel = TestKernel.small();
  private final KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 16 * PAGE);
  private final VmMap map = submap.map();
  private final long va = kernel.vm.kmem().allocPageable(map, 8 * PAGE).orThrow().value();

  private KernReturn wire(int from, int to) {
    return kernel.vm.maps().wiring().wire(map, va + from * PAGE, va + to * PAGE, 0);
  }

  private KernReturn unwire(int from, int to) {
    return kernel
        .vm
        .maps()
        .wiring()
        .wire(map, va + from * PAGE, va + to * PAGE, MapWiring.KM_PAGEABLE);
  }

  private VmMapEntry entryAt(long address) {
    return kernel.entries(map).stream()
        .filter(entry -> entry.start() <= address && address < entry.end())
        .findFirst()
        .orElseThrow();
  }

  private void protect(int from, int to, int prot) {
    assertThat(
            kernel
                .vm
                .maps()
                .protection()
                .protect(map, va + from * PAGE, va + to * PAGE, prot, false))
        .isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void wiringFaultsPagesInAndWiresEachOnce() {
    assertThat(wire(1, 4)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.wiredCount()).isEqualTo(3);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(3);
    assertThat(kernel.pageAt(va + PAGE).wireCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void wiringTwiceCountsInTheEntryAndNotInThePage() {
    wire(1, 4);
    wire(1, 4);

    assertThat(entryAt(va + PAGE).wiredCount()).isEqualTo(2);
    assertThat(kernel.pageAt(va + PAGE).wireCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void unwiringUndoesAWireAndActivatesThePages() {
    wire(0, 8);

    assertThat(unwire(2, 4)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.wiredCount()).isEqualTo(6);
    assertThat(kernel.pageAt(va + 2 * PAGE).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    kernel.check();
  }

  @Test
  void unwiringWhatIsNotWiredChangesNothing() {
    wire(0, 4);

    assertThat(unwire(2, 6)).isEqualTo(KernReturn.INVALID_ARGUMENT);

    assertThat(kernel.wiredCount()).isEqualTo(4);
    kernel.check();
  }

  @Test
  void aHoleFailsWithoutWiringAnything() {
    kernel.vm.kmem().free(map, new VirtualAddress(va + 3 * PAGE), PAGE);

    assertThat(wire(1, 6)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(wire(6, 12)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(wire(5, 5)).isEqualTo(KernReturn.INVALID_ADDRESS);

    assertThat(kernel.wiredCount()).isZero();
    kernel.check();
  }

  @Test
  void aFailureInTheMiddleUnwiresWhatWasWiredBeforeAndMarksNothingAfter() {
    protect(3, 5, VmProt.READ);

    assertThat(wire(0, 8)).isEqualTo(KernReturn.PROTECTION_FAILURE);

    assertThat(kernel.entries(map)).allMatch(entry -> entry.wiredCount() == 0);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    assertThat(kernel.wiredCount()).isZero();
    kernel.check();
  }

  @Test
  void aFailureKeepsOlderWires() {
    wire(6, 8);
    protect(3, 5, VmProt.READ);

    assertThat(wire(0, 8)).isEqualTo(KernReturn.PROTECTION_FAILURE);

    assertThat(kernel.wiredCount()).isEqualTo(2);
    assertThat(entryAt(va + 6 * PAGE).wiredCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void deletionUnwiresHoweverOftenTheEntryIsWired() {
    wire(0, 8);
    wire(0, 8);

    kernel.vm.kmem().free(map, new VirtualAddress(va), 8 * PAGE);

    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    assertThat(map.nentries()).isZero();
    assertThat(kernel.residentCount()).isZero();
    kernel.check();
  }

  @Test
  void protectionBeyondTheMaximumIsRefused() {
    var protection = kernel.vm.maps().protection();
    protection.protect(map, va, va + 8 * PAGE, VmProt.READ, true);

    assertThat(protection.protect(map, va, va + PAGE, VmProt.ALL, false))
        .isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(map.first().protection()).isEqualTo(VmProt.READ);
    kernel.check();
  }

  @Test
  void protectionOfASubmapIsRefused() {
    VmMapEntry entry = kernel.map().first();

    assertThat(
            kernel
                .vm
                .maps()
                .protection()
                .protect(kernel.map(), entry.start(), entry.end(), VmProt.READ, false))
        .isEqualTo(KernReturn.INVALID_ARGUMENT);
  }

  @Test
  void protectionBackToTheOldValueMergesTheEntriesAgain() {
    wire(0, 8);
    protect(2, 4, VmProt.READ);
    assertThat(map.nentries()).isEqualTo(3);

    protect(2, 4, VmProt.ALL);

    assertThat(map.nentries()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void setWiredQuickMarksEveryEntryOfTheRange() {
    protect(2, 4, VmProt.READ);
    try (var reservation = kernel.vm.maps().reserve().reserve()) {
      map.lock();
      kernel.vm.maps().wiring().setWiredQuick(map, va, 8 * PAGE, reservation);
      map.unlock();
    }

    assertThat(kernel.entries(map)).hasSize(3).allMatch(entry -> entry.wiredCount() == 1);
  }

  /** Upstream finds pages in the page tables only, where these are no more. */
  @Test
  void pagesThatLostTheirMappingAreUnwiredAllTheSame() {
    wire(0, 2);
    VmPage lost = kernel.pageAt(va);
    protect(0, 1, VmProt.NONE);

    assertThat(unwire(0, 2)).isEqualTo(KernReturn.SUCCESS);

    assertThat(lost.wireCount()).isZero();
    assertThat(lost.queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    kernel.check();
  }

  @Test
  void aMappingThatCameBackIsUnwired() {
    wire(0, 2);
    protect(0, 1, VmProt.NONE);
    protect(0, 1, VmProt.ALL);
    kernel.vm.faults().fault(map, va, VmProt.READ, FaultFlags.NORMAL);

    unwire(0, 2);

    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    kernel.check();
  }

  /** A walk page by page that waits to meet the end would go round all addresses. */
  @Test
  @Timeout(60)
  void aRangeThatIsNotOfWholePagesComesToAnEnd() {
    long from = va + 100;
    long to = va + PAGE + 8;

    assertThat(kernel.vm.maps().wiring().wire(map, from, to, 0)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.vm.maps().wiring().wire(map, from, to, MapWiring.KM_PAGEABLE))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(map.nentries()).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    kernel.check();
  }

  @Test
  void everyExclusiveLockChangesTheTimestamp() {
    int before = map.timestamp();

    wire(0, 1);

    assertThat(map.timestamp()).isGreaterThan(before + 1);
  }
}
