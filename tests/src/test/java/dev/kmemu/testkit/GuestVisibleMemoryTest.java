package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.fault.FaultOutcome;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One access of the real CPU to each kind of kernel address. */
class GuestVisibleMemoryTest {

  private static final long PAGE = VirtualAddress.PAGE_SIZE;
  private static final long WORD = 0x1122_3344_5566_7788L;

  private final GuestProbe probe = new GuestProbe();
  private final KernelVm vm = probe.vm();
  private final Kmem kmem = vm.kmem();

  @AfterEach
  void check() {
    assertThat(vm.check()).isEmpty();
    probe.close();
  }

  private static void assertFault(
      GuestProbe.Answer answer, long va, int errorCode, FaultOutcome outcome) {
    FaultHistory.Fault fault = Objects.requireNonNull(answer.fault());
    assertThat(answer.faults()).isEqualTo(1);
    assertThat(fault.va()).isEqualTo(va);
    assertThat(fault.errorCode()).isEqualTo(errorCode);
    assertThat(fault.outcome()).isEqualTo(outcome);
  }

  private long alloc() {
    return kmem.alloc(vm.kernelMap(), PAGE).orThrow().value();
  }

  @Test
  void wiredMemoryIsZeroAndKeepsWhatIsStored() {
    long va = alloc();

    assertThat(probe.load(va).rax()).isZero();
    assertThat(probe.store(va + 8, WORD).faults()).isZero();
    GuestProbe.Answer again = probe.load(va + 8);
    assertThat(again.rax()).isEqualTo(WORD);
    assertThat(again.faults()).isZero();
  }

  @Test
  void freedMemoryIsGoneForTheCpuAtOnce() {
    long va = alloc();
    probe.store(va, WORD);

    kmem.free(vm.kernelMap(), new VirtualAddress(va), PAGE);

    GuestProbe.Answer answer = probe.load(va);
    assertFault(answer, va, 0, FaultOutcome.INVALID_ADDRESS);
    assertThat(answer.recovered()).isTrue();
  }

  @Test
  void readOnlyMemoryRefusesTheKernelsStoresToo() {
    long va = alloc();
    probe.store(va, WORD);
    vm.maps().protection().protect(vm.kernelMap(), va, va + PAGE, VmProt.READ, false);

    assertFault(
        probe.store(va, 0), va, TrapFrame.PF_PRESENT | TrapFrame.PF_WRITE, FaultOutcome.PROTECTION);
    assertThat(probe.load(va).rax()).isEqualTo(WORD);
  }

  @Test
  void writeAccessComesBackWithTheNextStore() {
    long va = alloc();
    vm.maps().protection().protect(vm.kernelMap(), va, va + PAGE, VmProt.READ, false);
    vm.maps().protection().protect(vm.kernelMap(), va, va + PAGE, VmProt.ALL, false);

    assertFault(
        probe.store(va, WORD),
        va,
        TrapFrame.PF_PRESENT | TrapFrame.PF_WRITE,
        FaultOutcome.RESOLVED);
    assertThat(probe.load(va).rax()).isEqualTo(WORD);
  }

  @Test
  void nofaultMemoryPanicsUntilItIsMappedByHand() {
    long va = kmem.allocNofault(vm.kernelMap(), PAGE, PAGE).orThrow().value();
    long other = alloc();
    probe.store(other, WORD);

    GuestProbe.Answer touched = probe.load(va);
    assertFault(touched, va, 0, FaultOutcome.PANIC);
    assertThat(touched.end()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    vm.kernelEnter().kenter(va, vm.pmap().extract(other));

    assertThat(probe.load(va).rax()).isEqualTo(WORD);
    vm.kernelEnter().kremove(va);
    assertFault(probe.load(va), va, 0, FaultOutcome.PANIC);
  }

  @Test
  void pageableMemoryOfTheKernelMapPanics() {
    long va = kmem.allocPageable(vm.kernelMap(), PAGE).orThrow().value();

    assertFault(probe.store(va, WORD), va, TrapFrame.PF_WRITE, FaultOutcome.PANIC);
  }

  @Test
  void pageableMemoryOfASubmapIsFilledWithZeroesWhenItIsTouched() {
    KmemSubmap clean = kmem.suballoc(vm.kernelMap(), "clean_map", 4 * PAGE);
    long va = kmem.allocPageable(clean.map(), 2 * PAGE).orThrow().value();

    GuestProbe.Answer first = probe.load(va + PAGE);
    assertFault(first, va + PAGE, 0, FaultOutcome.RESOLVED);
    assertThat(first.rax()).isZero();
    assertThat(probe.store(va + PAGE, WORD).faults()).isZero();
    assertFault(probe.store(va, WORD), va, TrapFrame.PF_WRITE, FaultOutcome.RESOLVED);
  }

  @Test
  void unwiredPagesOfKernelObjectAreEnteredWhenTheyAreTouched() {
    long va = kmem.alloc3(vm.kernelMap(), PAGE, MapWiring.KM_PAGEABLE).orThrow().value();

    assertFault(probe.load(va), va, 0, FaultOutcome.RESOLVED);
    assertThat(vm.pmap().statistics().wiredCount()).isZero();
  }

  @Test
  void theBitsThatTheCpuSetsAreWhatThePmapReports() {
    long va = alloc();
    VmPage page = vm.pages().at(vm.pmap().extract(va));
    assertThat(vm.pmap().mappings().isModified(page)).isFalse();
    assertThat(referenced(page)).as("pmap_enter presets A").isEqualTo(1);

    assertThat(referenced(page)).isZero();
    probe.load(va);
    assertThat(referenced(page)).isEqualTo(1);
    assertThat(vm.pmap().mappings().isModified(page)).isFalse();
    probe.store(va, WORD);

    assertThat(vm.pmap().mappings().isModified(page)).isTrue();
    assertThat(referenced(page)).isEqualTo(1);
  }

  private int referenced(VmPage page) {
    vm.tokens().vm().get();
    try {
      return vm.pmap().mappings().testAndClearReferenced(page);
    } finally {
      vm.tokens().vm().release();
    }
  }
}
