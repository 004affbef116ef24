package dev.kmemu.vm;

import static dev.kmemu.vm.Tampering.assertReports;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of pages and objects, broken by hand, is reported with both views. */
class PageInvariantsTest {

  private final TestKernel kernel = TestKernel.small();
  private final VmObject object = kernel.vm.objects().kernelObject();
  private final long va = kernel.alloc(4 * PAGE);
  private final VmPage page = kernel.pageAt(va);
  private final String name = "page " + page.address();

  @BeforeEach
  void allIsWell() {
    kernel.check();
  }

  private void assertFinds(String invariant, String of, Object expected, Object actual) {
    assertReports(kernel.vm, invariant, of, expected.toString(), actual.toString());
  }

  private VmPage free() {
    for (int queue = PageQueueIndex.FREE; queue < PageQueueIndex.INACTIVE; queue++) {
      VmPage first = kernel.vm.queues().first(queue);
      if (first != null) {
        return first;
      }
    }
    throw new AssertionError("no free page");
  }

  @Test
  void p1AWiredEntryLacksAPage() {
    kernel.inVm(() -> object.removeResident(page));

    assertFinds("P1", String.format("0x%x", va), "resident", "absent");
  }

  @Test
  void p1AWiredPageIsNotValid() {
    page.setValid(false);

    assertFinds("P1", name, 255, 0);
  }

  @Test
  void p1APageOfAWiredEntryIsNotWired() {
    Tampering.set(page, "wireCount", 0);

    assertFinds("P1", name, "wired", 0);
    assertFinds("P5", "v_wire_count", 3, 4);
  }

  @Test
  void p1APageIsLeftBusyWhereverItIs() {
    VmPage leftBusy = free();
    kernel.inVm(() -> kernel.vm.pageState().busy(leftBusy));

    assertFinds("P1", "page " + leftBusy.address(), "not busy", "busy");
  }

  @Test
  void p2TheCountOfPagesIsWrong() {
    Tampering.set(Tampering.get(object, "pages"), "count", 5);

    assertFinds("P2", "kernel_object", 4, 5);
  }

  @Test
  void p2APageHasAnotherOwner() {
    VmObject other = kernel.vm.growth().tableObject();
    Tampering.set(page, "owner", other);

    assertFinds("P2", name, "kernel_object", other);
    assertFinds("P2", name, "known to its object", "null");
  }

  @Test
  void p3AReferenceToKernelObjectIsMissing() {
    Tampering.set(object, "refCount", 1);

    assertFinds("P3", "kernel_object", 2, 1);
  }

  @Test
  void p4ACounterIsWrong() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    kernel.inVm(() -> kernel.vm.stats().add(VmCounter.FREE_COUNT, 1));

    assertFinds("P4", "v_free_count", free, free + 1);
  }

  @Test
  void p4APageNamesAnotherQueueThanItIsOn() {
    VmPage moved = free();
    int queue = moved.queue();
    Tampering.set(moved, "queue", (short) PageQueueIndex.ACTIVE);

    assertFinds("P4", "page " + moved.address(), queue, PageQueueIndex.ACTIVE);
    assertFinds("P4", "pages that name queue " + PageQueueIndex.ACTIVE, 0, 1);
  }

  @Test
  void p4AQueueHasLostItsPages() {
    VmPage lost = free();
    int queue = lost.queue();
    int length = kernel.vm.queues().length(queue);
    Tampering.set(lost, "nextOnQueue", null);

    assertFinds("P4", "length of queue " + queue, 1, length);
  }

  @Test
  void p5TheCountOfWiredPagesIsWrong() {
    kernel.inVm(() -> kernel.vm.stats().add(VmCounter.WIRE_COUNT, -1));

    assertFinds("P5", "v_wire_count", 4, 3);
  }

  @Test
  void p6AFreePageIsInUse() {
    VmPage free = free();
    String freeName = "page " + free.address();
    Tampering.set(free, "holdCount", 1);
    Tampering.set(free, "wireCount", 2);
    Tampering.set(free, "dirty", (short) 3);
    free.setFlag(PageFlags.MAPPED);

    assertFinds("P6", freeName + " hold_count", 0, 1);
    assertFinds("P6", freeName + " wire_count", 0, 2);
    assertFinds("P6", freeName + " dirty", 0, 3);
    assertFinds("P6", freeName, "unmapped", "MAPPED");
    assertFinds("P6", freeName + " queue", PageQueueIndex.NONE, free.queue());
  }

  @Test
  void p6AFreePageHasAnObject() {
    VmPage free = free();
    Tampering.set(free, "owner", object);

    assertFinds("P6", "page " + free.address(), "in no object", "kernel_object");
  }

  @Test
  void p7AFreePageThatClaimsToBeZeroIsNot() {
    kernel.free(va, 4 * PAGE);
    VmPage zeroed = null;
    for (int i = 0; i < kernel.vm.pages().size() && zeroed == null; i++) {
      VmPage candidate = kernel.vm.pages().get(i);
      zeroed = candidate.has(PageFlags.ZERO) ? candidate : null;
    }
    VmPage lying = Objects.requireNonNull(zeroed);
    kernel.vm.ram().store8(lying.address().plus(PAGE - 1), 1);

    assertFinds("P7", "page " + lying.address(), "all zero", "other bytes");
  }

  @Test
  void p7TheCountOfZeroedPagesIsWrong() {
    long zeroed = kernel.counter(VmCounter.ZERO_COUNT);
    kernel.inVm(() -> kernel.vm.stats().add(VmCounter.ZERO_COUNT, -1));

    assertFinds("P7", "vm_page_zero_count", zeroed, zeroed - 1);
  }

  @Test
  void p8AFreePageIsOnTheQueueOfAnotherColour() {
    VmPage free = free();
    int other = PageQueueIndex.FREE + (free.color() + 1) % PageQueueIndex.COLORS;
    Tampering.set(free, "queue", (short) other);

    assertFinds("P8", "page " + free.address(), PageQueueIndex.FREE, other - free.color());
  }

  /** P9 is about what happens between two states. */
  @Test
  void p9AfterEverythingIsFreedThePagesAreBackButForPageTables() {
    kernel.free(va, 4 * PAGE);
    long before = kernel.counter(VmCounter.FREE_COUNT) + kernel.counter(VmCounter.CACHE_COUNT);
    int tables = kernel.vm.growth().tableObject().residentPageCount();
    long pageable = kernel.vm.kmem().allocPageable(kernel.map(), 600L << 20).orThrow().value();
    long wired = kernel.alloc(100 * PAGE);
    int made = kernel.vm.growth().tableObject().residentPageCount() - tables;
    assertThat(made).isPositive();

    kernel.free(wired, 100 * PAGE);
    kernel.free(pageable, 600L << 20);

    assertThat(kernel.counter(VmCounter.FREE_COUNT) + kernel.counter(VmCounter.CACHE_COUNT))
        .isEqualTo(before - made);
    assertThat(object.residentPageCount()).isZero();
    assertThat(object.residentPage(VmArith.offToIdx(wired))).isNull();
    kernel.check();
  }
}
