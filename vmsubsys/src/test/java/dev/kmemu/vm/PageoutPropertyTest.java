package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random use of pageable memory while pages come and go: nothing that was written is lost. */
class PageoutPropertyTest {

  private static final int PAGES = 24;
  private static final int SWAP_PAGES = 8;

  enum Kind {
    WRITE,
    READ,
    WIRED_ALLOC,
    WIRED_FREE,
    SCAN,
    FORGET_USE,
    TRY_TO_CACHE,
    TRY_TO_FREE,
    DONTNEED,
    REPLACE_MEMORY
  }

  /** One operation on page {@code page}; scans look for {@code amount} pages. */
  record Step(Kind kind, int page, int amount) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.frequency(
                Tuple.of(8, Kind.WRITE),
                Tuple.of(5, Kind.READ),
                Tuple.of(2, Kind.WIRED_ALLOC),
                Tuple.of(2, Kind.WIRED_FREE),
                Tuple.of(6, Kind.SCAN),
                Tuple.of(5, Kind.FORGET_USE),
                Tuple.of(2, Kind.TRY_TO_CACHE),
                Tuple.of(2, Kind.TRY_TO_FREE),
                Tuple.of(4, Kind.DONTNEED),
                Tuple.of(1, Kind.REPLACE_MEMORY)),
            Arbitraries.integers().between(0, PAGES - 1),
            Arbitraries.integers().between(1, 40))
        .as(Step::new)
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 40)
  void nothingIsLostAndTheInvariantsHold(@ForAll("steps") List<Step> steps) {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(SWAP_PAGES));
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    memory.read(0);
    long[] model = new long[PAGES];
    Deque<Long> wired = new ArrayDeque<>();
    long stamp = 0;
    for (Step step : steps) {
      switch (step.kind()) {
        case WRITE -> {
          memory.write(step.page(), ++stamp);
          model[step.page()] = stamp;
        }
        case READ -> assertThat(memory.read(step.page())).isEqualTo(model[step.page()]);
        case WIRED_ALLOC -> wired.add(kernel.alloc(step.amount() * PAGE));
        case WIRED_FREE -> {
          if (!wired.isEmpty()) {
            kernel.free(wired.remove(), PAGE);
          }
        }
        case SCAN -> kernel.scanFor(step.amount());
        case FORGET_USE -> memory.forgetUse(PAGES);
        case REPLACE_MEMORY -> {
          kernel.vm.kmem().free(memory.submap.map(), memory.submap.min(), PAGES * PAGE);
          VirtualAddress at =
              kernel.vm.kmem().allocPageable(memory.submap.map(), PAGES * PAGE).orThrow();
          assertThat(at.value()).isEqualTo(memory.va(0));
          model = new long[PAGES];
          memory.read(0);
        }
        default -> reclaim(kernel, memory, step);
      }
      kernel.check();
    }
    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).as("page %d", i).isEqualTo(model[i]);
    }
    kernel.check();
  }

  private static void reclaim(TestKernel kernel, PageableMemory memory, Step step) {
    VmPage page = memory.object().residentPage(step.page());
    if (page == null) {
      return;
    }
    kernel.inVm(
        () -> {
          switch (step.kind()) {
            case TRY_TO_CACHE -> kernel.vm.paging().reclaim().tryToCache(page);
            case TRY_TO_FREE -> kernel.vm.paging().reclaim().tryToFree(page);
            default -> kernel.vm.paging().reclaim().dontneed(page);
          }
        });
  }
}
