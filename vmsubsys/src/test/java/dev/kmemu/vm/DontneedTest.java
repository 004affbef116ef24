package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code vm_page_dontneed}, which treats calls by their number: most, but not all, the same. */
class DontneedTest {

  /** How many calls leave a page where it is, from the first one on. */
  private static final int KEPT = 15;

  private final TestKernel kernel = TestKernel.small();
  private final PageableMemory memory = new PageableMemory(kernel, 8);
  private final PageState state = kernel.vm.pageState();
  private final PageReclaim reclaim = kernel.vm.paging().reclaim();

  @BeforeEach
  void useEveryPage() {
    for (int i = 0; i < 8; i++) {
      memory.read(i);
    }
  }

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void dontneed(VmPage page) {
    kernel.inVm(() -> reclaim.dontneed(page));
  }

  /** Makes the calls that keep pages, so that the next one doesn't. */
  private void passTheKeptOnes() {
    for (int i = 0; i < KEPT; i++) {
      dontneed(memory.page(7));
    }
    assertThat(memory.page(7).queue()).isEqualTo(PageQueueIndex.ACTIVE);
  }

  @Test
  void aKeptPageOnlyLosesActivity() {
    dontneed(memory.page(0));

    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(memory.page(0).activity()).isEqualTo(4);
  }

  @Test
  void aCleanPageIsTheNextToBeReused() {
    passTheKeptOnes();
    dontneed(memory.page(0));
    dontneed(memory.page(1));

    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(kernel.vm.queues().first(PageQueueIndex.INACTIVE)).isSameAs(memory.page(1));
  }

  @Test
  void aPageThatOnlyTheCpuKnowsToBeDirtyIsTheLastToBeReused() {
    passTheKeptOnes();
    memory.write(1, 5);
    assertThat(memory.page(1).dirty()).isZero();
    dontneed(memory.page(0));
    dontneed(memory.page(1));

    assertThat(memory.page(1).dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(kernel.vm.queues().first(PageQueueIndex.INACTIVE)).isSameAs(memory.page(0));
  }

  @Test
  void aPageKnownToBeDirtyIsTheLastToBeReused() {
    passTheKeptOnes();
    kernel.inVm(() -> state.dirty(memory.page(1)));
    memory.clearPte(1, PteBits.M);
    dontneed(memory.page(0));
    dontneed(memory.page(1));

    assertThat(kernel.vm.queues().first(PageQueueIndex.INACTIVE)).isSameAs(memory.page(0));
  }

  @Test
  void nowAndThenACleanPageIsTheLastToBeReused() {
    for (int i = 0; i < 127; i++) {
      dontneed(memory.page(7));
    }
    dontneed(memory.page(1));

    assertThat(memory.page(1).queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(kernel.vm.queues().first(PageQueueIndex.INACTIVE)).isSameAs(memory.page(7));
  }

  @Test
  void whatIsInactiveOrCachedStaysWhereItIs() {
    passTheKeptOnes();
    kernel.inVm(() -> state.deactivate(memory.page(0)));
    kernel.inVm(() -> state.deactivate(memory.page(1)));
    VmPage cached = memory.page(2);
    kernel.inVm(() -> assertThat(reclaim.tryToCache(cached)).isTrue());
    dontneed(memory.page(1));
    dontneed(cached);

    assertThat(kernel.vm.queues().first(PageQueueIndex.INACTIVE)).isSameAs(memory.page(0));
    assertThat(memory.page(1).activity()).isEqualTo(4);
    assertThat(cached.queue()).isEqualTo(PageQueueIndex.CACHE + cached.color());
  }
}
