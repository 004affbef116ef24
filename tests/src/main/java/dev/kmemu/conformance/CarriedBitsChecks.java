package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That M and A go to the page when the entry that has them goes or changes. */
public interface CarriedBitsChecks extends ConformanceChecks {

  /** Checked on a kernel of its own. */
  @Test
  default void removingCarriesMOverToThePage() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          space.pmap().remove(DATA, DATA + 2 * PAGE);
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after pmap_remove")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after pmap_remove")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void removingPagesCarriesMOverToThePage() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          space.pmap().removePages(DATA, DATA + 2 * PAGE);
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after pmap_remove_pages")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after pmap_remove_pages")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void protectingCarriesMOverToThePage() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          space.pmap().protect(DATA, DATA + 2 * PAGE, VmProt.READ);
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after pmap_protect")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after pmap_protect")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void protectingAPageCarriesMOverToIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          k.hold(
              () -> {
                k.kernelPmap().mappings().pageProtect(page, VmProt.READ);
                k.kernelPmap().mappings().pageProtect(other, VmProt.READ);
              });
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after pmap_page_protect with READ")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after pmap_page_protect with READ")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void unmappingAPageEverywhereCarriesMOverToIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          k.hold(
              () -> {
                k.kernelPmap().mappings().pageProtect(page, VmProt.NONE);
                k.kernelPmap().mappings().pageProtect(other, VmProt.NONE);
              });
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after pmap_page_protect with NONE")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after pmap_page_protect with NONE")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void strippingAPageCarriesMOverToIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          k.hold(
              () -> {
                k.kernelPmap().mappings().strip(page);
                k.kernelPmap().mappings().strip(other);
                k.kernelPmap().mappings().flush();
              });
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after the strip before a flush")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after the strip before a flush")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void replacingAPageCarriesMOverToIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          space.pmap().enter(DATA, k.page(), RW, false);
          space.pmap().enter(DATA + PAGE, k.page(), RW, false);
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after another page was entered")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after another page was entered")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void enteringAPageAgainCarriesMOverToIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, other, RW, false);
          k.ring3(space).store(DATA, 1);
          k.ring3(space).load(DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks while only the entry knows").isZero();
          space.pmap().enter(DATA, page, VmProt.READ, false);
          space.pmap().enter(DATA + PAGE, other, VmProt.READ, false);
          assertThat(page.dirty())
              .as("dirty blocks of a page that was stored to, after it was entered again")
              .isEqualTo(VmPage.BITS_ALL);
          assertThat(other.dirty())
              .as("dirty blocks of a page that was only read, after it was entered again")
              .isZero();
        });
  }

  /** Checked on a kernel of its own. */
  @Test
  default void removingCarriesAOverToThePage() {
    onKernel(
        k -> {
          VmPage used = k.page();
          VmPage unused = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, used, RW, false);
          space.pmap().enter(DATA + PAGE, unused, RW, false);
          k.hold(
              () -> {
                for (VmPage page : List.of(used, unused)) {
                  k.kernelPmap().mappings().clearReference(page);
                  page.clearFlag(PageFlags.REFERENCED);
                }
              });
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

  /** Checked on a kernel of its own. */
  @Test
  default void protectingCarriesAOverToThePageAndClearsIt() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.hold(
              () -> {
                k.kernelPmap().mappings().clearReference(page);
                page.clearFlag(PageFlags.REFERENCED);
              });
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

  /** Checked on a kernel of its own. */
  @Test
  default void changingTheWiringKeepsAAndM() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.ring3(space).store(DATA, 1);
          space.pmap().changeWiring(DATA, true);
          assertThat(k.<Boolean>locked(() -> k.kernelPmap().mappings().isModified(page)))
              .as("pmap_is_modified after pmap_change_wiring")
              .isTrue();
          space.pmap().changeWiring(DATA, false);
          space.pmap().remove(DATA, DATA + PAGE);
          assertThat(page.dirty()).as("dirty blocks").isEqualTo(VmPage.BITS_ALL);
        });
  }
}
