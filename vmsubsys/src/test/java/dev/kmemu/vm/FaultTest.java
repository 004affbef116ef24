package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.GuestSignal;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.fault.FaultOutcome;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepOutcome;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** What a kernel access does, by where it goes. */
class FaultTest {

  private final TestKernel kernel = TestKernel.small();

  private TrapVerdict access(FakeTrapFrame frame) {
    return kernel.vm.hostKernel().pageFault(frame);
  }

  private static String panicOf(TrapVerdict verdict) {
    assertThat(verdict).isInstanceOf(TrapVerdict.Panic.class);
    return ((TrapVerdict.Panic) verdict).message();
  }

  private static String fatalityOf(TrapVerdict verdict) {
    assertThat(verdict).isInstanceOf(TrapVerdict.Fatal.class);
    TrapVerdict.Fatal fatal = (TrapVerdict.Fatal) verdict;
    assertThat(fatal.message()).as("upstream's panic text").isEqualTo("page fault");
    return fatal.cause();
  }

  @Test
  void aHoleInTheKernelMapIsAFatalPageFault() {
    assertThat(fatalityOf(access(FakeTrapFrame.write(KvaLayout.KVA_START))))
        .isEqualTo("no entry at the address");
  }

  @Test
  void onfaultTakesTheGuestToItsRecovery() {
    VirtualAddress recovery = new VirtualAddress(KvaLayout.KERNBASE + 0x1234);
    kernel.vm.trap().setOnFault(recovery);

    assertThat(access(FakeTrapFrame.read(KvaLayout.KVA_START)))
        .isEqualTo(new TrapVerdict.ResumeAt(recovery));
  }

  @Test
  void thePanicOfAFaultEndsTheKernelAndIsRemembered() {
    long va = kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow().value();
    access(FakeTrapFrame.read(va + 8));
    access(FakeTrapFrame.read(va + 9));

    assertThat(kernel.vm.panics().first())
        .hasValueSatisfying(
            panic -> {
              assertThat(panic.text()).startsWith("vm_fault: fault on nofault entry");
              assertThat(panic.map()).contains("kernel_map");
              assertThat(panic.address()).hasValue(va);
              assertThat(panic.tokensHeld()).isEmpty();
            });
    assertThat(kernel.vm.sleepQueue().tsleep(this, 0, "test", 0)).isEqualTo(SleepOutcome.WOKEN);
  }

  @Test
  void aNofaultEntryPanicsByItsOwnTextDespiteOnfault() {
    long va = kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow().value();
    kernel.vm.trap().setOnFault(new VirtualAddress(KvaLayout.KERNBASE));

    assertThat(panicOf(access(FakeTrapFrame.read(va + 8))))
        .startsWith("vm_fault: fault on nofault entry, addr: ffffffe000000000");
    kernel.check();
  }

  @Test
  void aPageableEntryOfASystemSubmapIsUnrecoverableToo() {
    KmemSubmap bufferMap = kernel.vm.kmem().suballoc(kernel.map(), "buffer_map", 4 * PAGE);
    bufferMap.map().setSystemMap();
    long va = kernel.vm.kmem().allocPageable(bufferMap.map(), PAGE).orThrow().value();

    assertThat(panicOf(access(FakeTrapFrame.read(va)))).contains("unrecoverable fault");
    kernel.check();
  }

  @Test
  void anAbsentPageOfKernelObjectIsFilledWithZeroes() {
    long va = kernel.alloc(PAGE);
    kernel.write(va, -1);
    kernel.free(va, PAGE);
    kernel.vm.objects().reference(kernel.vm.objects().kernelObject());
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(
            kernel.vm.objects().kernelObject(), va, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
    kernel.vm.maps().find(kernel.map(), mapping, PAGE, PAGE);

    assertThat(access(FakeTrapFrame.write(va))).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(kernel.read(va)).isZero();
    kernel.check();
  }

  @Test
  void aPageableEntryOfASystemMapIsUnrecoverable() {
    kernel.vm.trap().setOnFault(new VirtualAddress(KvaLayout.KERNBASE));
    long va = kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow().value();

    assertThat(panicOf(access(FakeTrapFrame.read(va))))
        .startsWith("vm_fault: unrecoverable fault at 0xffffffe000000000 in entry");
    kernel.check();
  }

  @Test
  void aPageableEntryOfAnOrdinarySubmapIsFilledWithZeroes() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 4 * PAGE);
    long va = kernel.vm.kmem().allocPageable(submap.map(), 2 * PAGE).orThrow().value();

    assertThat(access(FakeTrapFrame.write(va + PAGE + 5))).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(kernel.read(va + PAGE)).isZero();
    assertThat(kernel.pageAt(va + PAGE).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(kernel.vm.pmap().tables().pte(va + PAGE) & (PteBits.W | PteBits.RW))
        .isEqualTo(PteBits.RW);
    assertThat(kernel.counter(VmCounter.ZFOD)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.OZFOD)).isEqualTo(1);
    kernel.vm.kmem().free(submap.map(), new VirtualAddress(va), 2 * PAGE);
    assertThat(kernel.residentCount()).isZero();
    kernel.check();
  }

  @Test
  void anUnmappedPageOfKernelObjectIsEntered() {
    long va = kernel.vm.kmem().alloc3(kernel.map(), PAGE, MapWiring.KM_PAGEABLE).orThrow().value();

    assertThat(access(FakeTrapFrame.read(va))).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(kernel.vm.pmap().extract(va)).isNotZero();
    assertThat(kernel.wiredCount()).isZero();
    kernel.check();
  }

  @Test
  void theDirectMapLiesBelowTheKernelAndHasNoMap() {
    assertThat(fatalityOf(access(FakeTrapFrame.read(KvaLayout.DMAP_MIN_ADDRESS))))
        .contains("no user address space");
  }

  @Test
  void userModeAccessToTheKernelIsASegmentationFault() {
    long va = kernel.alloc(PAGE);
    kernel.vm.trap().setOnFault(new VirtualAddress(KvaLayout.KERNBASE));

    assertThat(access(new FakeTrapFrame().at(va, TrapFrame.PF_USER | TrapFrame.PF_PRESENT)))
        .isEqualTo(
            new TrapVerdict.Signal(GuestSignal.SIGSEGV, "user-mode access to a kernel address"));
  }

  @Test
  void onfaultDoesNotCountInsideAnInterrupt() {
    kernel.vm.trap().setOnFault(new VirtualAddress(KvaLayout.KERNBASE));
    kernel.vm.trap().setInterruptNesting(1);
    assertThat(fatalityOf(access(FakeTrapFrame.read(KvaLayout.KVA_START)))).contains("no entry");

    kernel.vm.trap().setInterruptNesting(0);

    assertThat(access(FakeTrapFrame.read(KvaLayout.KVA_START)))
        .isInstanceOf(TrapVerdict.ResumeAt.class);
  }

  @Test
  void aFatalFaultIsPrintedAsUpstreamDoes() {
    TrapVerdict.Fatal fatal =
        (TrapVerdict.Fatal) access(FakeTrapFrame.write(KvaLayout.KVA_START + 8));

    assertThat(fatal.report().lines())
        .containsExactly(
            "Fatal trap 12: page fault while in kernel mode",
            "fault virtual address\t= 0xffffffe000000008",
            "fault code\t\t= supervisor write data, page not present",
            "instruction pointer\t= 0xffffffff80100000");
  }

  @Test
  void aFaultOnAMappingThatIsThereDropsTheStaleTranslation() {
    long va = kernel.alloc(PAGE);
    kernel.tlb.clear();

    access(new FakeTrapFrame().at(va, TrapFrame.PF_PRESENT | TrapFrame.PF_WRITE));

    assertThat(kernel.tlb.pages).containsExactly(va);
    kernel.check();
  }

  @Test
  void aWriteToAProtectedEntryFails() {
    long va = kernel.alloc(PAGE);
    kernel.vm.maps().protection().protect(kernel.map(), va, va + PAGE, VmProt.READ, false);
    assertThat(kernel.vm.pmap().tables().pte(va) & PteBits.RW).isZero();

    assertThat(kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, FaultFlags.NORMAL))
        .isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(fatalityOf(access(new FakeTrapFrame().at(va, 3)))).contains("forbids the access");
    kernel.check();
  }

  @Test
  void panicsLeaveNoLockBehind() {
    long va = kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow().value();
    assertThatThrownBy(
            () -> kernel.vm.faults().fault(kernel.map(), va, VmProt.READ, FaultFlags.NORMAL))
        .isInstanceOf(KernelPanic.class);

    kernel.free(va, PAGE);

    assertThat(kernel.map().nentries()).isEqualTo(1);
  }

  @Test
  void theHistoryKeepsTheLastFaultsInOrder() {
    FaultHistory history = new FaultHistory(2);
    history.record(1, 0, 10, FaultOutcome.RESOLVED);
    history.record(2, 2, 20, FaultOutcome.PANIC);
    history.record(3, 0, 30, FaultOutcome.INVALID_ADDRESS);

    assertThat(history.recent())
        .containsExactly(
            new FaultHistory.Fault(2, 2, 20, FaultOutcome.PANIC),
            new FaultHistory.Fault(3, 0, 30, FaultOutcome.INVALID_ADDRESS));
    assertThat(history.recorded()).isEqualTo(3);
  }

  @Test
  void faultsOfTheGuestAreRemembered() {
    access(FakeTrapFrame.write(KvaLayout.KVA_START + 5));

    assertThat(kernel.vm.trap().history().recent())
        .containsExactly(
            new FaultHistory.Fault(
                KvaLayout.KVA_START + 5,
                TrapFrame.PF_WRITE,
                FakeTrapFrame.RIP,
                FaultOutcome.INVALID_ADDRESS));
  }
}
