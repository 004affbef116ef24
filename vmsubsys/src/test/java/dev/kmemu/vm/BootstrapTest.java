package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.FIRST_FREE;
import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  private static final long TABLE = PteBits.V | PteBits.RW | PteBits.U;

  private final TestKernel kernel = TestKernel.small();
  private final long pml4 = kernel.vm.pml4().value();

  private long entry(long table, int index) {
    return kernel.vm.ram().load64(new PhysicalAddress((table & PteBits.FRAME) + index * 8L));
  }

  @Test
  void slot256MapsTheRootItself() {
    assertThat(entry(pml4, 256)).isEqualTo(pml4 | TABLE);
  }

  @Test
  void thePteArrayShowsALeafEntryThroughTheRecursiveSlot() {
    long va = kernel.alloc(4096);
    long pteArray = 0xFFFF_8000_0000_0000L + ((va & 0xFFFF_FFFF_FFFFL) >>> 12) * 8;

    assertThat(walk(pteArray)).isEqualTo(kernel.vm.pmap().tables().pte(va));
  }

  /** Reads 8 bytes at {@code va} as a CPU would, from the root down. */
  private long walk(long va) {
    long table = pml4;
    for (int shift = 39; shift >= 12; shift -= 9) {
      table = entry(table, (int) (va >>> shift) & 511);
      assertThat(table & PteBits.V).as("entry at shift %d of 0x%x", shift, va).isNotZero();
    }
    return kernel.vm.ram().load64(new PhysicalAddress((table & PteBits.FRAME) | (va & 4095)));
  }

  @Test
  void theDirectMapCoversFourGibWithPresetLargePages() {
    long pdp = entry(pml4, 510);
    for (int gib = 0; gib < 4; gib++) {
      long directory = entry(pdp, gib);
      assertThat(directory & 0xFFF).isEqualTo(TABLE);
      assertThat(entry(directory, 5))
          .isEqualTo(
              gib * 1024L * MIB
                  + 10 * MIB
                  + (PteBits.V | PteBits.RW | PteBits.PS | PteBits.G | PteBits.A | PteBits.M));
    }
    assertThat(entry(pdp, 4)).isZero();
  }

  @Test
  void theKernelHas128DirectoriesFromBoot() {
    long pdp = entry(pml4, 511);

    for (int i = 0; i < 512; i++) {
      assertThat(entry(pdp, i) & 0xFFF).isEqualTo(i < 384 ? 0 : TABLE);
    }
  }

  @Test
  void whatIsLoadedIsMappedAtKernbaseByLargeGlobalPages() {
    long end = kernel.vm.boot().firstAvailable().value();

    for (long pa = 0; pa < end; pa += KvaLayout.NBPDR) {
      assertThat(kernel.vm.pmap().extract(KvaLayout.KERNBASE + pa + 123)).isEqualTo(pa + 123);
    }
    long firstUnmapped = (end + KvaLayout.NBPDR - 1) / KvaLayout.NBPDR * KvaLayout.NBPDR;
    assertThat(kernel.vm.pmap().extract(KvaLayout.KERNBASE + firstUnmapped)).isZero();
  }

  @Test
  void theFreeWindowAboveTheKernelBeginsBehindTheImage() {
    long start = kernel.vm.boot().virtualStart();

    assertThat(start % 4096).isZero();
    assertThat(start - KvaLayout.KERNBASE).isGreaterThan(kernel.vm.boot().firstAvailable().value());
  }

  @Test
  void pagesOfThePoolBeginBehindTheTables() {
    assertThat(kernel.vm.pages().get(0).address()).isEqualTo(kernel.vm.boot().firstAvailable());
    assertThat(kernel.vm.boot().kernelTables()).isEqualTo(130);
    assertThat(kernel.counter(VmCounter.PAGE_COUNT)).isEqualTo(kernel.vm.pages().size());
  }

  @Test
  void ramThatIsTooSmallIsRefusedWithTheMinimum() {
    PhysicalMemory ram = new PhysicalMemory(new DirectMapping(4 * MIB));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KernelVm(ram, TlbControl.none(), KernelVmConfig.of(FIRST_FREE)))
        .withMessageContaining("4194304 bytes is too small")
        .withMessageContaining("needs at least");
  }

  @Test
  void theNamedMinimumIsEnough() {
    PhysicalMemory small = new PhysicalMemory(new DirectMapping(4 * MIB));
    String message = "";
    try {
      new KernelVm(small, TlbControl.none(), KernelVmConfig.of(FIRST_FREE));
    } catch (IllegalArgumentException e) {
      message = e.toString();
    }
    long minimum = Long.parseLong(message.replaceAll(".*at least (\\d+)\\D.*", "$1"));
    KernelVm vm =
        new KernelVm(
            new PhysicalMemory(new DirectMapping(minimum)),
            TlbControl.none(),
            KernelVmConfig.of(FIRST_FREE));

    vm.kmem().alloc(vm.kernelMap(), 16 * 4096).orThrow();
    assertThat(vm.check()).isEmpty();
  }

  @Test
  void usedRamIsZeroedBeforeItIsHandedOut() {
    PhysicalMemory ram = new PhysicalMemory(new DirectMapping(16 * MIB));
    for (long pa = 0; pa < ram.size(); pa += 4096) {
      ram.store64(new PhysicalAddress(pa), -1L);
    }
    KernelVm vm = new KernelVm(ram, TlbControl.none(), new KernelVmConfig(FIRST_FREE, false, 16));

    long va = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow().value();

    assertThat(ram.isZero(new PhysicalAddress(vm.pmap().extract(va)), 4096)).isTrue();
    assertThat(ram.load64(new PhysicalAddress(0))).as("what was loaded").isEqualTo(-1L);
    assertThat(vm.check()).isEmpty();
  }
}
