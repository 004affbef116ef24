package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** That M and A go to the page when the entry that has them goes or changes. */
public interface CarriedBitsChecks extends ConformanceChecks {

  /** What is done to a mapping that was stored through, at DATA, and to the next, only read. */
  @FunctionalInterface
  interface Change {
    /** Changes both. */
    void apply(TestedKernel kernel, Pmap pmap, VmPage stored, VmPage read);
  }

  private void requireCarried(String routine, Change change) {
    onKernel(
        k -> {
          VmPage stored = k.page();
          VmPage read = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, stored, RW, false);
          space.pmap().enter(DATA + PAGE, read, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(stored.dirty()).as("dirty blocks while only the entry knows").isZero();
          change.apply(k, space.pmap(), stored, read);
          assertThat(stored.dirty())
              .as("dirty blocks of a page that was stored to, after %s", routine)
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(read.dirty())
              .as("dirty blocks of a page that was only read, after %s", routine)
              .isZero();
        });
  }

  @Test
  default void removingCarriesMOverToThePage() {

    requireCarried(
        "pmap_remove",
        (k, pmap, stored, read) -> {
          pmap.remove(DATA, DATA + 2 * PAGE);
        });
  }

  @Test
  default void removingPagesCarriesMOverToThePage() {

    requireCarried(
        "pmap_remove_pages",
        (k, pmap, stored, read) -> {
          pmap.removePages(DATA, DATA + 2 * PAGE);
        });
  }

  @Test
  default void protectingCarriesMOverToThePage() {

    requireCarried(
        "pmap_protect",
        (k, pmap, stored, read) -> {
          pmap.protect(DATA, DATA + 2 * PAGE, VmProt.READ);
        });
  }

  @Test
  default void protectingAPageCarriesMOverToIt() {

    requireCarried(
        "pmap_page_protect with READ",
        (k, pmap, stored, read) -> {
          k.pageProtect(stored, VmProt.READ);
          k.pageProtect(read, VmProt.READ);
        });
  }

  @Test
  default void unmappingAPageEverywhereCarriesMOverToIt() {

    requireCarried(
        "pmap_page_protect with NONE",
        (k, pmap, stored, read) -> {
          k.pageProtect(stored, VmProt.NONE);
          k.pageProtect(read, VmProt.NONE);
        });
  }

  @Test
  default void strippingAPageCarriesMOverToIt() {

    requireCarried(
        "the strip before a flush",
        (k, pmap, stored, read) -> {
          k.hold(
              () -> {
                k.kernelPmap().mappings().strip(stored);
                k.kernelPmap().mappings().strip(read);
                k.kernelPmap().mappings().flush();
              });
        });
  }

  @Test
  default void replacingAPageCarriesMOverToIt() {

    requireCarried(
        "the entry of another page",
        (k, pmap, stored, read) -> {
          pmap.enter(DATA, k.page(), RW, false);
          pmap.enter(DATA + PAGE, k.page(), RW, false);
        });
  }

  @Test
  default void enteringAPageAgainCarriesMOverToIt() {

    requireCarried(
        "the entry of the same page",
        (k, pmap, stored, read) -> {
          pmap.enter(DATA, stored, VmProt.READ, false);
          pmap.enter(DATA + PAGE, read, VmProt.READ, false);
        });
  }

  @Test
  default void removingCarriesAOverToThePage() {
    onKernel(
        k -> {
          VmPage used = k.page();
          VmPage unused = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, used, RW, false);
          space.pmap().enter(DATA + PAGE, unused, RW, false);
          k.clearReference(used);
          k.clearReference(unused);
          k.ring3(space).load(DATA);
          space.pmap().remove(DATA, DATA + 2 * PAGE);
          assertThat(used.has(PageFlags.REFERENCED))
              .as("PG_REFERENCED of a page that was read")
              .isTrue();
          assertThat(unused.has(PageFlags.REFERENCED))
              .as("PG_REFERENCED of a page that wasn't used")
              .isFalse();
        });
  }

  @Test
  default void protectingCarriesAOverToThePageAndClearsIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.clearReference(page);
          k.ring3(space).load(DATA);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
          assertThat(page.has(PageFlags.REFERENCED))
              .as("PG_REFERENCED after pmap_protect")
              .isTrue();
          assertThat(k.pte(space.pmap(), DATA) & (PteBits.A | PteBits.M))
              .as("A and M after pmap_protect")
              .isZero();
        });
  }

  @Test
  default void changingTheWiringKeepsAAndM() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.ring3(space).store(DATA, 1);
          space.pmap().changeWiring(DATA, true);
          assertThat(k.isModified(page)).as("pmap_is_modified after pmap_change_wiring").isTrue();
          space.pmap().changeWiring(DATA, false);
          space.pmap().remove(DATA, DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks").isEqualTo(VmPage.BITS_ALL);
        });
  }
}
