package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That pages and maps know how many mappings there are. */
public interface MappingCountChecks extends ConformanceChecks {

  @Test
  default void aPageIsMappedAndWriteableUntilItsLastMappingGoes() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace one = k.space();
          UserSpace other = k.space();
          one.pmap().enter(DATA, page, RW, false);
          one.pmap().enter(DATA + PAGE, page, VmProt.READ, false);
          other.pmap().enter(DATA, page, VmProt.READ, false);
          one.pmap().remove(DATA, DATA + PAGE);
          assertThat(page.has(PageFlags.MAPPED)).as("PG_MAPPED with two mappings left").isTrue();
          one.pmap().remove(DATA + PAGE, DATA + 2 * PAGE);
          assertThat(page.has(PageFlags.MAPPED))
              .as("PG_MAPPED with a mapping left in another space")
              .isTrue();
          other.pmap().remove(DATA, DATA + PAGE);
          assertThat(page.has(PageFlags.MAPPED | PageFlags.WRITEABLE))
              .as("PG_MAPPED and PG_WRITEABLE without a mapping")
              .isFalse();
        });
  }

  @Test
  default void residentCountFollowsTheMappingsOfTheKernel() {
    onKernel(
        k -> {
          Pmap pmap = k.kernelPmap();
          long va = k.kva(4);
          VmPage page = k.page();
          long before = pmap.statistics().residentCount();
          for (int i = 0; i < 4; i++) {
            pmap.enter(va + i * PAGE, page, RW, i == 0);
          }
          assertThat(pmap.statistics().residentCount() - before)
              .as("resident_count after 4 enters")
              .isEqualTo(4);
          pmap.enter(va, page, VmProt.READ, false);
          pmap.enter(va + PAGE, k.page(), RW, false);
          assertThat(pmap.statistics().residentCount() - before)
              .as("resident_count after two of them were entered again")
              .isEqualTo(4);
          pmap.remove(va, va + PAGE);
          pmap.remove(va, va + PAGE);
          assertThat(pmap.statistics().residentCount() - before)
              .as("resident_count after one was removed, twice")
              .isEqualTo(3);
          k.pageProtect(page, VmProt.NONE);
          assertThat(pmap.statistics().residentCount() - before)
              .as("resident_count after a page with two mappings was unmapped")
              .isEqualTo(1);
          pmap.remove(va, va + 4 * PAGE);
          assertThat(pmap.statistics().residentCount())
              .as("resident_count after all")
              .isEqualTo(before);
        });
  }

  @Test
  default void residentCountOfAUserCountsTablesToo() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          Pmap pmap = space.pmap();
          assertThat(pmap.statistics().residentCount())
              .as("resident_count of an empty space: its root")
              .isEqualTo(1);
          pmap.enter(DATA, k.page(), RW, false);
          pmap.enter(DATA + PAGE, k.page(), RW, false);
          assertThat(pmap.statistics().residentCount())
              .as("resident_count of 2 pages, 3 tables and the root")
              .isEqualTo(6);
          pmap.protect(DATA, DATA + 2 * PAGE, VmProt.READ);
          assertThat(pmap.statistics().residentCount())
              .as("resident_count after pmap_protect")
              .isEqualTo(6);
          pmap.removePages(DATA, DATA + 2 * PAGE);
          assertThat(pmap.statistics().residentCount())
              .as("resident_count after pmap_remove_pages")
              .isEqualTo(1);
        });
  }

  @Test
  default void aPageUnmappedEverywhereLeavesAllMaps() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage bystander = k.page();
          List<UserSpace> spaces = List.of(k.space(), k.space(), k.space());
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, true);
          for (UserSpace space : spaces) {
            space.pmap().enter(DATA, page, RW, false);
            space.pmap().enter(DATA + PAGE, bystander, RW, false);
            space.pmap().enter(DATA + 3 * KvaLayout.NBPDR, page, VmProt.READ, true);
          }
          k.pageProtect(page, VmProt.NONE);
          assertThat(page.has(PageFlags.MAPPED)).as("PG_MAPPED").isFalse();
          assertThat(k.kernelPmap().extract(va)).as("its mapping in the kernel").isZero();
          for (UserSpace space : spaces) {
            assertThat(space.pmap().extract(DATA)).as("its mapping in %s", space.pmap()).isZero();
            assertThat(space.pmap().extract(DATA + 3 * KvaLayout.NBPDR))
                .as("its wired mapping in %s", space.pmap())
                .isZero();
            assertThat(space.pmap().extract(DATA + PAGE))
                .as("another page's mapping")
                .isEqualTo(bystander.physAddr());
            assertThat(space.pmap().statistics().residentCount())
                .as("resident_count: a page, 3 tables, the root")
                .isEqualTo(5);
            assertThat(space.pmap().statistics().wiredCount()).as("wired_count").isZero();
          }
        });
  }

  @Test
  default void pvCountsAreThoseOfTheMappings() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          int each = k.vm().pmapModule().keepsPvLists() ? 1 : 0;
          for (int i = 0; i < 3; i++) {
            space.pmap().enter(DATA + i * PAGE, page, RW, false);
            space.pmap().enter(DATA + i * PAGE, page, VmProt.READ, true);
          }
          assertThat(page.pvCount()).as("PV entries of a page with 3 mappings").isEqualTo(3 * each);
          assertThat(space.pmap().pvCount())
              .as("PV entries of a map with 3 mappings")
              .isEqualTo(3 * each);
          space.pmap().enter(DATA, k.page(), RW, false);
          assertThat(page.pvCount())
              .as("PV entries after one mapping was replaced")
              .isEqualTo(2 * each);
          assertThat(space.pmap().pvCount())
              .as("PV entries of the map after that")
              .isEqualTo(3 * each);
          space.pmap().remove(DATA, DATA + 3 * PAGE);
          assertThat(page.pvCount()).as("PV entries after pmap_remove").isZero();
          assertThat(space.pmap().pvCount()).as("PV entries of the map after pmap_remove").isZero();
        });
  }

  @Test
  default void aPageThatIsntTheVmsIsMappedUnmanaged() {
    onKernel(
        k -> {
          VmPage device = VmPage.fictitious(new PhysicalAddress(0xFEB0_0000L));
          UserSpace space = k.space();
          space.pmap().enter(DATA, device, RW, false);
          long entry = k.pte(space.pmap(), DATA);
          assertThat(entry & PteBits.FRAME).as("the frame").isEqualTo(0xFEB0_0000L);
          assertThat(entry & PteBits.MANAGED)
              .as("the managed bit of a fictitious page's mapping")
              .isZero();
          assertThat(device.has(PageFlags.MAPPED)).as("PG_MAPPED").isFalse();
          space.pmap().removePages(DATA, DATA + PAGE);
          assertThat(space.pmap().extract(DATA))
              .as("the mapping after pmap_remove_pages, which sees managed ones only")
              .isEqualTo(0xFEB0_0000L);
          space.pmap().remove(DATA, DATA + PAGE);
          assertThat(space.pmap().statistics().residentCount())
              .as("resident_count after pmap_remove")
              .isEqualTo(1);
        });
  }
}
