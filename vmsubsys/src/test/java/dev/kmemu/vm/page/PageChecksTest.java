package dev.kmemu.vm.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObject;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each invariant of pages and queues, broken by hand, is found and says for what it is broken. */
class PageChecksTest {

  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(8L << 20)),
          TlbControl.none(),
          KernelVmConfig.of(new PhysicalAddress(1L << 20)));
  private final long va = vm.kmem().alloc(vm.kernelMap(), 2 * VmArith.PAGE_SIZE).orThrow().value();
  private final VmObject kernelObject = vm.objects().kernelObject();
  private final VmPage wired =
      Objects.requireNonNull(kernelObject.residentPage(VmArith.offToIdx(va)));
  private final VmPage free = vm.pages().get(vm.pages().size() - 1);

  @BeforeEach
  void allIsWell() {
    assertThat(vm.check()).isEmpty();
    assertThat(free.queue()).isEqualTo(PageQueueIndex.FREE + free.color());
  }

  private void assertFinds(String invariant, String what) {
    assertThat(vm.check())
        .anySatisfy(
            violation -> {
              assertThat(violation.invariant()).isEqualTo(invariant);
              assertThat(violation.toString()).contains(what);
            });
  }

  private void inVm(Runnable body) {
    vm.tokens().vm().get();
    body.run();
    vm.tokens().vm().release();
  }

  /** Puts the free page on the cache queue of its colour. */
  private VmPage cached() {
    inVm(
        () -> {
          free.clearFlag(PageFlags.ZERO);
          vm.stats().add(VmCounter.ZERO_COUNT, -1);
          vm.queues().remove(free);
          vm.queues().addTail(free, PageQueueIndex.CACHE + free.color());
        });
    assertThat(vm.check()).isEmpty();
    return free;
  }

  @Test
  void aWiredKernelPageThatIsMissing() {
    kernelObject.removeResident(wired);
    assertFinds("P1", "expected resident");
  }

  @Test
  void aWiredKernelPageThatIsNot() {
    wired.wireCount = 0;
    assertFinds("P1", wired + ": expected wired");
    assertFinds("P5", "v_wire_count");
  }

  @Test
  void aWiredKernelPageThatIsInvalid() {
    wired.setValid(false);
    assertFinds("P1", wired + " valid");
  }

  @Test
  void aWiredKernelPageThatIsBusy() {
    wired.setFlag(PageFlags.BUSY);
    assertFinds("P1", "not busy");
  }

  @Test
  void aWiredPageOnAQueue() {
    inVm(() -> vm.queues().addTail(wired, PageQueueIndex.ACTIVE));
    assertFinds("P1", wired + " queue");
    assertFinds("P6", wired + " queue");
  }

  @Test
  void aReferenceToKernelObjectThatNoEntryHolds() {
    vm.objects().reference(kernelObject);
    assertFinds("P3", "kernel_object ref_count");
  }

  @ParameterizedTest
  @EnumSource(names = {"FREE_COUNT", "CACHE_COUNT", "INACTIVE_COUNT", "ACTIVE_COUNT"})
  void aCounterThatDiffersFromItsQueues(VmCounter counter) {
    inVm(() -> vm.stats().add(counter, 1));
    assertFinds("P4", counter.upstreamName());
  }

  @Test
  void aFreePageThatAnObjectOwns() {
    free.owner = kernelObject;
    assertFinds("P6", "in no object");
  }

  @Test
  void aFreePageThatIsHeld() {
    free.holdCount = 1;
    assertFinds("P6", free + " hold_count");
  }

  @Test
  void aFreePageThatIsWired() {
    free.wireCount = 1;
    assertFinds("P6", free + " wire_count");
  }

  @Test
  void aFreePageThatIsMapped() {
    free.setFlag(PageFlags.MAPPED);
    assertFinds("P6", "expected unmapped");
  }

  @Test
  void aCachedPageThatIsMapped() {
    cached().setFlag(PageFlags.MAPPED);
    assertFinds("P6", "expected unmapped");
  }

  @Test
  void aCachedPageThatIsDirty() {
    cached().dirty = VmPage.BITS_ALL;
    assertFinds("P6", free + " dirty");
  }

  @Test
  void aPageOnTheQueueOfAnotherColour() {
    inVm(
        () -> {
          vm.queues().remove(free);
          vm.queues().addTail(free, PageQueueIndex.FREE + (free.color() ^ 1));
        });
    assertFinds("P8", free + " queue");
  }

  @Test
  void aCachedPageOnTheQueueOfAnotherColour() {
    cached();
    inVm(
        () -> {
          vm.queues().remove(free);
          vm.queues().addTail(free, PageQueueIndex.CACHE + (free.color() ^ 1));
        });
    assertFinds("P8", free + " queue");
  }

  @Test
  void aCountOfZeroedPagesThatDiffersFromTheClaims() {
    inVm(() -> vm.stats().add(VmCounter.ZERO_COUNT, 1));
    assertFinds("P7", "vm_page_zero_count");
  }

  @Test
  void aFlagThatSaysMappedWithoutAMapping() {
    wired.clearFlag(PageFlags.MAPPED);
    assertFinds("V3", "MAPPED iff a managed entry maps it");
  }

  @Test
  void aWritableMappingOfAPageThatDoesNotKnow() {
    wired.clearFlag(PageFlags.WRITEABLE);
    assertFinds("V4", "expected WRITEABLE");
  }

  @Test
  void wiredMemoryThatIsMappedToAnotherPage() {
    VmPage other = Objects.requireNonNull(kernelObject.residentPage(wired.pindex() + 1));
    long pde = vm.pmap().tables().pde(va);
    long address = (pde & -VmArith.PAGE_SIZE) + ((va >>> VmArith.PAGE_SHIFT) & 511) * 8;
    vm.ram()
        .store64(
            new PhysicalAddress(address),
            vm.ram().load64(new PhysicalAddress(address)) - wired.physAddr() + other.physAddr());
    assertFinds("V5", String.format("mapping of 0x%x", va));
    assertFinds("V3", String.format("PV entry of %s at 0x%x", wired, va));
  }
}
