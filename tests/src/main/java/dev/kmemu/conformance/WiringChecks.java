package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** That wired mappings stay, and are counted. */
public interface WiringChecks extends ConformanceChecks {

  @Test
  default void wiredMappingsAreCounted() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          Pmap pmap = space.pmap();
          VmPage page = k.page();
          pmap.enter(DATA, page, RW, true);
          pmap.enter(DATA + PAGE, page, RW, false);
          assertThat(pmap.statistics().wiredCount())
              .as("wired_count after a wired and another enter")
              .isEqualTo(1);
          pmap.changeWiring(DATA + PAGE, true);
          pmap.changeWiring(DATA + PAGE, true);
          assertThat(pmap.statistics().wiredCount())
              .as("wired_count after the other was wired twice")
              .isEqualTo(2);
          pmap.enter(DATA, page, RW, false);
          assertThat(pmap.statistics().wiredCount())
              .as("wired_count after the first was entered unwired")
              .isEqualTo(1);
          pmap.enter(DATA + PAGE, k.page(), RW, true);
          assertThat(pmap.statistics().wiredCount())
              .as("wired_count after another page was wired there")
              .isEqualTo(1);
          pmap.remove(DATA, DATA + 2 * PAGE);
          assertThat(pmap.statistics().wiredCount()).as("wired_count after pmap_remove").isZero();
        });
  }

  @Test
  default void wiringChangesNoTranslation() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          space.pmap().enter(DATA, page, VmProt.READ, false);
          long before = k.pte(space.pmap(), DATA);
          space.pmap().changeWiring(DATA, true);
          assertThat(k.pte(space.pmap(), DATA))
              .as("the entry after it was wired")
              .isEqualTo(before | PteBits.W);
          space.pmap().changeWiring(DATA, false);
          assertThat(k.pte(space.pmap(), DATA))
              .as("the entry after it was unwired")
              .isEqualTo(before);
        });
  }

  @Test
  default void removingPagesLeavesWhatIsWired() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, page, RW, true);
          space.pmap().enter(DATA + 2 * PAGE, page, RW, false);
          space.pmap().changeWiring(DATA + 2 * PAGE, true);
          space.pmap().enter(DATA + 3 * PAGE, page, RW, false);
          space.pmap().removePages(DATA, DATA + 3 * PAGE);
          assertThat(k.ring3(space).load(DATA))
              .as("a page that isn't wired, after pmap_remove_pages")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).load(DATA + PAGE))
              .as("a page that was entered wired")
              .isEqualTo(k.word(page));
          assertThat(k.ring3(space).load(DATA + 2 * PAGE))
              .as("a page that was wired later")
              .isEqualTo(k.word(page));
          assertThat(k.ring3(space).load(DATA + 3 * PAGE))
              .as("a page behind the range")
              .isEqualTo(k.word(page));
          assertThat(space.pmap().statistics().wiredCount()).as("wired_count").isEqualTo(2);
        });
  }

  @Test
  default void protectingLeavesTheWiring() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          space.pmap().enter(DATA, page, RW, true);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
          assertThat(k.pte(space.pmap(), DATA) & PteBits.W)
              .as("the wired bit after pmap_protect")
              .isEqualTo(PteBits.W);
          k.pageProtect(page, VmProt.READ);
          k.clearModify(page);
          k.clearReference(page);
          k.references(page);
          assertThat(k.pte(space.pmap(), DATA) & PteBits.W)
              .as("the wired bit after the routines on the page")
              .isEqualTo(PteBits.W);
          space.pmap().removePages(DATA, DATA + PAGE);
          assertThat(k.ring3(space).load(DATA))
              .as("the wired page after pmap_remove_pages")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void unmappingAWiredPageIsCounted() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          space.pmap().enter(DATA, page, RW, true);
          space.pmap().enter(DATA + PAGE, page, RW, true);
          k.pageProtect(page, VmProt.NONE);
          assertThat(space.pmap().statistics().wiredCount())
              .as("wired_count after pmap_page_protect with NONE")
              .isZero();
          assertThat(space.pmap().extract(DATA)).as("the wired mapping").isZero();
        });
  }

  @Test
  default void wiringWithoutATablePanics() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          assertThatThrownBy(() -> space.pmap().changeWiring(DATA, true))
              .as("pmap_change_wiring of an address without a page table")
              .isInstanceOf(KernelPanic.class);
        });
  }

  @Test
  default void wiredKernelMemoryIsGivenBackOnce() {
    onKernel(
        k -> {
          long free = k.freePages();
          var kmem = k.vm().kmem();
          var map = k.vm().kernelMap();
          long wired = k.kernelPmap().statistics().wiredCount();
          var block = kmem.alloc(map, 5 * PAGE).orThrow();
          long va = block.value();
          assertThat(k.kernelPmap().statistics().wiredCount() - wired)
              .as("wired_count after kmem_alloc of 5 pages")
              .isEqualTo(5);
          VmPage page = k.vm().pages().at(k.kernelPmap().extract(va));
          assertThat(page.wireCount()).as("wire_count of its first page").isEqualTo(1);
          k.kernelPmap().removePages(va, va + 5 * PAGE);
          assertThat(k.kernelPmap().extract(va))
              .as("its mapping after pmap_remove_pages")
              .isEqualTo(page.physAddr());
          kmem.free(map, block, 5 * PAGE);
          assertThat(k.freePages()).as("free pages after kmem_free").isEqualTo(free);
          assertThat(k.kernelPmap().statistics().wiredCount())
              .as("wired_count after kmem_free")
              .isEqualTo(wired);
        });
  }
}
