package dev.kmemu.campaign.report.kva;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A picture holds what the kernel VM has, and can be taken of one that is broken. */
class KvaCaptureTest {

  private static final long PAGE = 4096;

  private final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(16L << 20));
  private final KernelVm vm =
      new KernelVm(ram, TlbControl.none(), KernelVmConfig.of(new PhysicalAddress(2L << 20)));

  @AfterEach
  void close() {
    vm.close();
    ram.close();
  }

  private KvaPicture picture() {
    return (KvaPicture) KvaCapture.of(vm, "now");
  }

  private static KvaLane lane(KvaPicture picture, String name) {
    return picture.kernel().lanes().stream()
        .filter(l -> l.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wiredMemoryIsAnEntryItsMappingsAndEntriesOfAPageTable() {
    long at = vm.kmem().alloc(vm.kernelMap(), 3 * PAGE).orThrow().value();

    KvaPicture picture = picture();

    assertThat(lane(picture, "kernel map").areas())
        .anySatisfy(
            area -> {
              assertThat(area.start().value()).isEqualTo(at);
              assertThat(area.bytes()).isEqualTo(3 * PAGE);
              assertThat(area.kind()).isEqualTo(AreaKind.WIRED);
              assertThat(area.wiredCount()).isEqualTo(1);
            });
    assertThat(lane(picture, "mapped pages").areas())
        .contains(new KvaArea(new VirtualAddress(at), 3 * PAGE, AreaKind.MANAGED_WIRED, "-", 0));
    assertThat(picture.tables())
        .filteredOn(table -> table.level() == PageTableLevel.PT && table.used() == 3)
        .singleElement()
        .satisfies(table -> assertThat(table.base().value()).isEqualTo(at & -KvaLayout.NBPDR));
  }

  @Test
  void submapsHaveALaneOfTheirOwn() {
    vm.startCpu(1L << 20, 1L << 20);

    KvaPicture picture = picture();

    assertThat(lane(picture, "kernel map").areas())
        .extracting(KvaArea::kind)
        .contains(AreaKind.SUBMAP);
    assertThat(lane(picture, "page tables").areas()).isNotEmpty();
  }

  @Test
  void aUserMapHasItsMappingsAndItsTables() {
    VmPage page = VmPage.fictitious(new PhysicalAddress(1L << 30));
    vm.userPmaps().pinit().enter(0x7fff_ffff_f000L, page, VmProt.READ, false);

    assertThat(picture().users())
        .singleElement()
        .satisfies(
            user -> {
              assertThat(user.lanes())
                  .extracting(KvaLane::name)
                  .containsExactly("mapped pages", "page tables");
              assertThat(user.lanes().get(0).areas().get(0).start())
                  .isEqualTo(new VirtualAddress(0x7fff_ffff_f000L));
            });
  }

  @Test
  void aMapThatIsLockedIsTheReasonWhyThereIsNoPicture() throws InterruptedException {
    Thread holder = new Thread(() -> vm.kernelMap().lock(), "holder");
    holder.start();
    holder.join();

    assertThat(KvaCapture.of(vm, "now"))
        .isEqualTo(new KvaView.Missing("The kernel map is locked now."));
  }

  @Test
  void tablesThatLeadOutOfRamOrToThemselvesAreNoHindrance() {
    long pml4 = vm.pml4().value();
    long pdpt = ram.load64(pml4 + KvaLayout.KERNEL_SLOT * 8L) & PteBits.FRAME;
    ram.store64(new PhysicalAddress(pdpt + 400 * 8L), 0x000F_0000_0000_0000L | PteBits.V);
    ram.store64(new PhysicalAddress(pdpt + 401 * 8L), pdpt | PteBits.V);

    KvaPicture picture = picture();

    assertThat(picture.tables()).hasSizeLessThanOrEqualTo(4096);
    assertThat(picture.kernel().lanes()).isNotEmpty();
  }
}
