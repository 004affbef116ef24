package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Page tables that appear or vanish while a thread waits for memory for them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UserTableRaceTest {

  private static final long VA = 0x1234_0000_0000L;
  private static final int RW = VmProt.READ | VmProt.WRITE;

  private final TestKernel kernel = TestKernel.small();
  private final KernelVm vm = kernel.vm;
  private final VmObject object = vm.objects().allocate(ObjectType.DEFAULT, 1 << 20);
  private final Pmap pmap = vm.userPmaps().pinit();
  private final List<VmPage> hoard = new ArrayList<>();
  private long nextIndex;

  @AfterEach
  void check() {
    kernel.check();
  }

  private void locked(Runnable task) {
    vm.tokens().vm().get();
    try {
      task.run();
    } finally {
      vm.tokens().vm().release();
    }
  }

  private VmPage page() {
    VmPage page =
        Objects.requireNonNull(vm.allocator().alloc(object, nextIndex++, AllocRequest.NORMAL));
    vm.pageState().wakeup(page);
    return page;
  }

  private void takeAllMemory() {
    VmPage page = vm.allocator().alloc(object, nextIndex++, AllocRequest.NORMAL);
    while (page != null) {
      hoard.add(page);
      page = vm.allocator().alloc(object, nextIndex++, AllocRequest.NORMAL);
    }
  }

  private void giveMemoryBack() {
    hoard.forEach(page -> vm.allocator().free(page));
    hoard.clear();
  }

  /** Enters {@code page} on another thread, which has to wait for memory when this returns. */
  private CompletableFuture<Void> enterWithoutMemory(long va, VmPage page) {
    CompletableFuture<Void> entered =
        CompletableFuture.runAsync(
            () -> pmap.enter(va, page, RW, false), task -> new Thread(task).start());
    while (vm.sleepQueue().sleepersOn(vm.shortage().channel()) == 0) {
      Thread.onSpinWait();
    }
    return entered;
  }

  @Test
  void aTableThatAnotherThreadMadeMeanwhileKeepsItsEntries() throws Exception {
    VmPage[] pages = new VmPage[2];
    locked(
        () -> {
          pages[0] = page();
          pages[1] = page();
          takeAllMemory();
        });
    CompletableFuture<Void> entered = enterWithoutMemory(VA, pages[0]);

    locked(
        () -> {
          giveMemoryBack();
          pmap.enter(VA + PAGE, pages[1], RW, false);
        });
    entered.get(30, TimeUnit.SECONDS);

    assertThat(pmap.extract(VA)).isEqualTo(pages[0].physAddr());
    assertThat(pmap.extract(VA + PAGE)).as("not zeroed again").isEqualTo(pages[1].physAddr());
    assertThat(pmap.statistics().residentCount()).as("tables were made once").isEqualTo(6);
  }

  @Test
  void aDirectoryThatWentMeanwhileIsMadeAnew() throws Exception {
    VmPage[] pages = new VmPage[2];
    long neighbour = VA + KvaLayout.NBPDR;
    locked(
        () -> {
          pages[0] = page();
          pages[1] = page();
          pmap.enter(neighbour, pages[1], RW, false);
          takeAllMemory();
        });
    CompletableFuture<Void> entered = enterWithoutMemory(VA, pages[0]);

    locked(
        () -> {
          pmap.remove(neighbour, neighbour + PAGE);
          giveMemoryBack();
        });
    entered.get(30, TimeUnit.SECONDS);

    assertThat(pmap.extract(VA)).isEqualTo(pages[0].physAddr());
    assertThat(pmap.statistics().residentCount()).isEqualTo(5);
  }

  @Test
  void threadsThatEnterAndRemoveInOneMapLeaveNothingBehind() throws Exception {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int thread = 0; thread < 3; thread++) {
      VmPage[] own = new VmPage[1];
      locked(() -> own[0] = page());
      long base = VA + thread * PAGE;
      Random random = new Random(thread);
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  long va = base + random.nextInt(4) * KvaLayout.NBPDR;
                  pmap.enter(va, own[0], RW, false);
                  if (pmap.extract(va) != own[0].physAddr()) {
                    throw new AssertionError(String.format("0x%x isn't mapped", va));
                  }
                  pmap.remove(va, va + PAGE);
                }
              },
              task -> new Thread(task).start()));
    }
    for (CompletableFuture<Void> thread : threads) {
      thread.get(50, TimeUnit.SECONDS);
    }

    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
    vm.userPmaps().release(pmap);
  }
}
