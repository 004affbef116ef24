package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That spaces share what they should, and copy what they should on a write. */
public interface SharingChecks extends ConformanceChecks {

  private static UserSpace view(VmSpace space) {
    return new UserSpace(space.map(), space.pmap());
  }

  /** A parent that has written 1 to both of its pages. */
  private static VmSpace parent(TestedKernel k) {
    VmSpace parent = k.vm().spaces().alloc();
    k.machine().mapAnonymous(view(parent), DATA, 2 * PAGE, RW);
    store(k, parent, 1);
    return parent;
  }

  /** Loads from both pages, which must hold the same. */
  private static String load(TestedKernel k, VmSpace space) {
    String first = k.ring3(view(space)).load(DATA);
    String second = k.ring3(view(space)).load(DATA + PAGE);
    return first.equals(second) ? first : first + " and, in the next page, " + second;
  }

  private static void store(TestedKernel k, VmSpace space, long word) {
    for (long va : new long[] {DATA, DATA + PAGE}) {
      assertThat(k.ring3(view(space)).store(va, word))
          .as("a store to memory that may be written, at 0x%x", va)
          .isEqualTo(DONE);
    }
  }

  @Test
  default void aChildDoesntSeeWhatItsParentWritesAfterAFork() {
    onKernel(
        k -> {
          VmSpace parent = parent(k);
          VmSpace child = k.vm().spaces().fork(parent);
          store(k, parent, 2);
          assertThat(load(k, child))
              .as("the child's copy after the parent stored 2 (still writable after fork?)")
              .isEqualTo("0x1");
          assertThat(load(k, parent)).as("the parent's own").isEqualTo("0x2");
        });
  }

  @Test
  default void aParentDoesntSeeWhatItsChildWrites() {
    onKernel(
        k -> {
          VmSpace parent = parent(k);
          VmSpace child = k.vm().spaces().fork(parent);
          assertThat(load(k, child)).as("the child's copy").isEqualTo("0x1");
          store(k, child, 3);
          assertThat(load(k, parent))
              .as("the parent's copy after the child stored 3")
              .isEqualTo("0x1");
          assertThat(load(k, child)).as("the child's own").isEqualTo("0x3");
        });
  }

  @Test
  default void aForkTakesWriteAccessFromATlbThatHasIt() {
    onKernel(
        k -> {
          VmSpace parent = parent(k);
          VmSpace[] child = new VmSpace[1];
          String end =
              k.ring3(view(parent))
                  .storeAgainAfter(DATA, 5, () -> child[0] = k.vm().spaces().fork(parent));
          assertThat(end).as("a store after a fork").isEqualTo(DONE);
          assertThat(k.ring3(view(child[0])).load(DATA)).as("the child's copy").isEqualTo("0x5");
          assertThat(parent.pmap().extract(DATA))
              .as("the frame that the parent writes to, which must be its copy (TLB not flushed?)")
              .isNotEqualTo(child[0].pmap().extract(DATA));
        });
  }

  @Test
  default void everyGenerationHasItsOwnCopy() {
    onKernel(
        k -> {
          VmSpace parent = parent(k);
          VmSpace child = k.vm().spaces().fork(parent);
          VmSpace grandchild = k.vm().spaces().fork(child);
          store(k, child, 2);
          store(k, grandchild, 3);
          VmSpace sibling = k.vm().spaces().fork(parent);
          store(k, parent, 4);
          assertThat(
                  List.of(load(k, parent), load(k, child), load(k, grandchild), load(k, sibling)))
              .as("words of parent, child, grandchild, and a later child")
              .containsExactly("0x4", "0x2", "0x3", "0x1");
        });
  }

  @Test
  default void spacesThatEndGiveEverythingBack() {
    onKernel(
        k -> {
          long free = k.freePages();
          for (int i = 0; i < 2; i++) {
            VmSpace parent = parent(k);
            VmSpace child = k.vm().spaces().fork(parent);
            store(k, child, 2);
            store(k, parent, 3);
            k.leaveUserSpaces();
            k.vm().spaces().free(child);
            k.vm().spaces().free(parent);
            assertThat(k.freePages())
                .as("free pages after two spaces ended, time %d", i)
                .isEqualTo(free);
          }
        });
  }

  @Test
  default void aPageThatTwoSpacesMapIsOnePage() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace one = k.space();
          UserSpace other = k.space();
          one.pmap().enter(DATA, page, RW, false);
          other.pmap().enter(DATA + KvaLayout.NBPDR, page, RW, false);
          k.ring3(one).store(DATA, 7);
          assertThat(k.ring3(other).load(DATA + KvaLayout.NBPDR))
              .as("what the other space sees")
              .isEqualTo("0x7");
          one.pmap().remove(DATA, DATA + PAGE);
          k.ring3(other).store(DATA + KvaLayout.NBPDR, 8);
          assertThat(k.word(page))
              .as("what RAM holds after the first mapping went")
              .isEqualTo("0x8");
        });
  }
}
