package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.PmapMappings;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The CPU is told of every translation that it may know and that is no longer so. */
class TlbInvalidationTest {

  private final TestKernel kernel = TestKernel.small();
  private final PageableMemory memory = new PageableMemory(kernel, 4);
  private final KernelEnter enter = kernel.vm.kernelEnter();
  private final PmapMappings mappings = kernel.vm.pmap().mappings();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void assertInvalidates(int page, Runnable action) {
    kernel.tlb.clear();
    kernel.inVm(action);
    assertThat(kernel.tlb.pages).containsExactly(memory.va(page));
    assertThat(kernel.tlb.full).isZero();
  }

  private void assertInvalidatesNothing(Runnable action) {
    kernel.tlb.clear();
    kernel.inVm(action);
    assertThat(kernel.tlb.pages).isEmpty();
    assertThat(kernel.tlb.full).isZero();
  }

  private void assertInvalidatesAll(Runnable action) {
    kernel.tlb.clear();
    kernel.inVm(action);
    assertThat(kernel.tlb.full).isEqualTo(1);
  }

  private VmPage used(int page) {
    memory.write(page, 1);
    return memory.page(page);
  }

  @Test
  void anEntryMadeByHandInvalidatesWhatItReplacesAndNothingElse() {
    long pa = kernel.vm.pages().get(0).physAddr();

    assertInvalidatesNothing(() -> enter.kenter(memory.va(0), pa));
    assertInvalidates(0, () -> enter.kenter(memory.va(0), pa));
    assertInvalidates(0, () -> enter.kenterSync(memory.va(0)));
    assertInvalidates(0, () -> enter.kremove(memory.va(0)));
    assertInvalidatesNothing(() -> enter.kremove(memory.va(0)));
  }

  @Test
  void manyEntriesMadeByHandInvalidateAllOnce() {
    List<VmPage> pages = List.of(kernel.vm.pages().get(0), kernel.vm.pages().get(1));

    assertInvalidatesAll(() -> enter.qenter(memory.va(0), pages));
    assertThat(memory.isMapped(2)).isFalse();
    assertInvalidatesAll(() -> enter.enterDevice(memory.va(2), 0xB8000, 1, 0));
    assertThat(memory.isMapped(3)).isFalse();
    assertInvalidatesAll(() -> enter.qremove(memory.va(0), 2));
    assertThat(memory.isMapped(2)).isTrue();
    assertInvalidates(2, () -> enter.kremove(memory.va(2)));
  }

  @Test
  void theLossOfAllMappingsInvalidatesThemAndKeepsTheNoteOfAWrite() {
    VmPage page = used(0);

    assertInvalidates(0, () -> mappings.removeAll(page));

    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(page.has(PageFlags.REFERENCED)).isTrue();
    assertThat(page.has(PageFlags.MAPPED | PageFlags.WRITEABLE)).isFalse();
  }

  @Test
  void theLossOfWriteAccessInvalidatesAndKeepsTheNoteOfAWrite() {
    VmPage page = used(0);

    assertInvalidates(0, () -> mappings.pageProtect(page, VmProt.READ));
    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertInvalidatesNothing(() -> mappings.pageProtect(page, VmProt.READ));
  }

  @Test
  void aPageThatWasOnlyReadIsNotDirtyAfterTheLossOfWriteAccess() {
    VmPage page = used(0);
    memory.clearPte(0, PteBits.M);

    kernel.inVm(() -> mappings.pageProtect(page, VmProt.READ));

    assertThat(page.dirty()).isZero();
  }

  @Test
  void aPageThatWasOnlyReadIsNotDirtyAfterTheLossOfItsMappings() {
    VmPage page = used(0);
    memory.clearPte(0, PteBits.M | PteBits.A);
    page.clearFlag(PageFlags.REFERENCED);

    kernel.inVm(() -> mappings.removeAll(page));

    assertThat(page.dirty()).isZero();
    assertThat(page.has(PageFlags.REFERENCED)).isFalse();
  }

  @Test
  void clearedBitsInvalidateOnceTheyWereSet() {
    VmPage page = used(0);

    assertInvalidates(0, () -> mappings.clearModify(page));
    assertInvalidatesNothing(() -> mappings.clearModify(page));
    assertInvalidates(0, () -> mappings.clearReference(page));
    assertInvalidatesNothing(() -> mappings.clearReference(page));
    memory.read(0);
    assertInvalidates(0, () -> assertThat(mappings.testAndClearReferenced(page)).isEqualTo(1));
    assertInvalidatesNothing(() -> assertThat(mappings.testAndClearReferenced(page)).isZero());
  }

  @Test
  void severalPagesThatGoInvalidateAllOnce() {
    used(0);
    used(1);

    assertInvalidatesAll(() -> kernel.vm.pmap().remove(memory.va(0), memory.va(0) + 2 * PAGE));
  }

  @Test
  void theUnwiredPagesOfARangeGoWithTheirTranslations() {
    used(1);

    assertInvalidates(1, () -> kernel.vm.pmap().removePages(memory.va(0), memory.va(0) + 4 * PAGE));

    assertThat(memory.isMapped(1)).isFalse();
  }
}
