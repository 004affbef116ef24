package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random allocations and frees against a list of free intervals. */
class FirstFitPropertyTest {

  private static final int SPACE_PAGES = 96;
  private static final long CONTENTS = 0x5A5A_5A5A_5A5A_5A5AL;

  enum Kind {
    WIRED,
    PAGEABLE,
    NOFAULT,
    FREE
  }

  /** An allocation of {@code pages}, or a free of that many from page {@code at} on. */
  record Step(Kind kind, int pages, int align, int at) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(1, 12),
            Arbitraries.of(1, 1, 2, 3, 8),
            Arbitraries.integers().between(0, SPACE_PAGES - 1))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 60)
  void addressesAreThoseOfAFirstFitModel(@ForAll("steps") List<Step> steps) {
    TestKernel kernel = TestKernel.small();
    KmemSubmap space = kernel.vm.kmem().suballoc(kernel.map(), "space", SPACE_PAGES * PAGE);
    // As machdep does for the submaps whose entries are mapped by hand.
    space.map().setSystemMap();
    PageModel model = new PageModel(SPACE_PAGES, space.min().value());
    for (Step step : steps) {
      if (step.kind() == Kind.FREE) {
        int pages = Math.min(step.pages(), SPACE_PAGES - step.at());
        model.free(step.at(), pages);
        kernel.vm.kmem().free(space.map(), space.min().plus(step.at() * PAGE), pages * PAGE);
      } else {
        allocate(kernel, space.map(), model, step);
      }
      kernel.check();
      compare(kernel, space.map(), model);
    }
    model.free(0, SPACE_PAGES);
    kernel.vm.kmem().free(space.map(), space.min(), SPACE_PAGES * PAGE);
    compare(kernel, space.map(), model);
    assertThat(space.map().nentries()).isZero();
    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isZero();
    kernel.check();
  }

  private static void allocate(TestKernel kernel, VmMap map, PageModel model, Step step) {
    long size = step.pages() * PAGE;
    int align = step.kind() == Kind.NOFAULT ? step.align() : 1;
    long expected = model.allocate(step.kind(), step.pages(), align);
    KmemResult result =
        switch (step.kind()) {
          case WIRED -> kernel.vm.kmem().alloc(map, size);
          case PAGEABLE -> kernel.vm.kmem().allocPageable(map, size);
          default -> kernel.vm.kmem().allocNofault(map, size, align * PAGE);
        };
    KmemResult wanted =
        expected < 0
            ? new KmemResult.NoSpace(map.name(), size)
            : new KmemResult.Allocated(new VirtualAddress(map.min() + expected * PAGE));
    assertThat(result).as("%s", step).isEqualTo(wanted);
    for (int i = 0; step.kind() == Kind.WIRED && expected >= 0 && i < step.pages(); i++) {
      long va = map.min() + (expected + i) * PAGE;
      assertThat(kernel.read(va)).as("contents of new memory at 0x%x", va).isZero();
      kernel.write(va, CONTENTS);
    }
  }

  private static void compare(TestKernel kernel, VmMap map, PageModel model) {
    assertThat(map.size()).isEqualTo(model.used() * PAGE);
    for (int i = 0; i < SPACE_PAGES; i++) {
      long pte = kernel.vm.pmap().tables().pte(map.min() + i * PAGE);
      assertThat((pte & PteBits.W) != 0)
          .as("page %d of the space is wired", i)
          .isEqualTo(model.kindAt(i) == Kind.WIRED);
    }
    assertThat(kernel.wiredCount()).isEqualTo(model.count(Kind.WIRED));
  }
}
