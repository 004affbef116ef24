package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapWiring;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConcurrencyTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 3000;
  private static final int HAND_OVERS = 300;

  private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stopThreads() {
    executor.shutdownNow();
  }

  private record Block(long va, int pages) {}

  @Test
  void fourThreadsAllocateAndFreeWithoutSharingAPage() throws Exception {
    TestKernel kernel = TestKernel.withRam(32 * MIB);
    long free = kernel.counter(VmCounter.FREE_COUNT);
    runOnAllThreads(kernel, (thread, progress) -> allocateAndFree(kernel, thread, progress));

    kernel.check();
    assertThat(kernel.map().nentries()).isEqualTo(1);
    assertThat(kernel.wiredCount()).isZero();
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
  }

  /** Each thread marks its pages, and finds the marks intact when it frees them. */
  private static void allocateAndFree(TestKernel kernel, int thread, Runnable progress) {
    Random random = new Random(thread);
    Deque<Block> blocks = new ArrayDeque<>();
    for (int i = 0; i < ROUNDS; i++) {
      progress.run();
      if (blocks.size() < 20 && random.nextInt(5) != 0) {
        int pages = 1 + random.nextInt(6);
        Block block = new Block(kernel.alloc(pages * PAGE), pages);
        mark(kernel, block, thread + 1);
        blocks.add(block);
      } else if (!blocks.isEmpty()) {
        release(kernel, random.nextBoolean() ? blocks.removeFirst() : blocks.removeLast(), thread);
      }
    }
    blocks.forEach(block -> release(kernel, block, thread));
  }

  private static void mark(TestKernel kernel, Block block, long mark) {
    for (int i = 0; i < block.pages(); i++) {
      long va = block.va() + i * PAGE;
      assertThat(kernel.read(va)).as("new memory at 0x%x", va).isZero();
      kernel.write(va, mark);
    }
  }

  private static void release(TestKernel kernel, Block block, int thread) {
    for (int i = 0; i < block.pages(); i++) {
      assertThat(kernel.read(block.va() + i * PAGE)).isEqualTo(thread + 1);
    }
    kernel.free(block.va(), block.pages() * PAGE);
  }

  @Test
  void faultsRunBesideAllocations() throws Exception {
    TestKernel kernel = TestKernel.withRam(32 * MIB);
    int pages = 128;
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", pages * PAGE);
    kernel.vm.kmem().allocPageable(submap.map(), pages * PAGE).orThrow();
    runOnAllThreads(
        kernel,
        (thread, progress) -> {
          if (thread < 2) {
            allocateAndFree(kernel, thread, progress);
            return;
          }
          FakeTrapFrame frame = new FakeTrapFrame();
          for (int i = 0; i < ROUNDS; i++) {
            progress.run();
            kernel.vm.hostKernel().pageFault(frame.at(submap.min().value() + i % pages * PAGE, 2));
          }
        });

    kernel.check();
    assertThat(kernel.residentCount()).isEqualTo(pages);
  }

  @Test
  void wiringClippingFaultsAndFreesMayOverlap() throws Exception {
    TestKernel kernel = TestKernel.withRam(32 * MIB);
    int pages = 32;
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", pages * PAGE);
    runOnAllThreads(
        kernel,
        (thread, progress) -> changeAtRandom(kernel, submap, pages, new Random(thread), progress));
    kernel.check();

    kernel.vm.kmem().free(submap.map(), submap.min(), pages * PAGE);

    assertThat(kernel.wiredCount()).isZero();
    assertThat(kernel.residentCount()).isZero();
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    kernel.check();
  }

  private static void changeAtRandom(
      TestKernel kernel, KmemSubmap submap, int pages, Random random, Runnable progress) {
    for (int i = 0; i < ROUNDS; i++) {
      progress.run();
      int first = random.nextInt(pages);
      long va = submap.min().value() + first * PAGE;
      long size = (1 + random.nextInt(pages - first)) * PAGE;
      switch (random.nextInt(6)) {
        case 0 -> kernel.vm.kmem().allocPageable(submap.map(), size);
        case 1 -> kernel.vm.kmem().free(submap.map(), new VirtualAddress(va), size);
        case 2 -> kernel.vm.maps().wiring().wire(submap.map(), va, va + size, 0);
        case 3 ->
            kernel.vm.maps().wiring().wire(submap.map(), va, va + size, MapWiring.KM_PAGEABLE);
        case 4 ->
            kernel
                .vm
                .maps()
                .protection()
                .inherit(
                    submap.map(), va, va + size, i % 2 == 0 ? Inheritance.NONE : Inheritance.COPY);
        default -> kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, FaultFlags.NORMAL);
      }
    }
  }

  @Test
  void aWaiterProceedsAfterFreeWakeup() throws Exception {
    TestKernel kernel = TestKernel.small();
    KmemSubmap space = kernel.vm.kmem().suballoc(kernel.map(), "space", 4 * PAGE);
    long va = kernel.vm.kmem().allocWait(space.map(), 4 * PAGE).orThrow().value();
    Future<KmemResult> waiter =
        executor.submit(() -> kernel.vm.kmem().allocWait(space.map(), 2 * PAGE));
    awaitSleepers(kernel, space.map(), 1);

    kernel.vm.kmem().freeWakeup(space.map(), new VirtualAddress(va), PAGE);
    awaitSleepers(kernel, space.map(), 1);
    assertThat(waiter.isDone()).as("one page is not enough for two").isFalse();
    kernel.vm.kmem().freeWakeup(space.map(), new VirtualAddress(va + PAGE), PAGE);

    assertThat(waiter.get(30, TimeUnit.SECONDS))
        .isEqualTo(new KmemResult.Allocated(new VirtualAddress(va)));
    kernel.check();
  }

  /** Each round has one wakeup only, ever later after the waiter's start: none heals a lost one. */
  @Test
  void noWakeupIsLostBetweenTheSearchAndTheSleep() throws Exception {
    TestKernel kernel = TestKernel.small();
    KmemSubmap space = kernel.vm.kmem().suballoc(kernel.map(), "space", PAGE);
    Semaphore started = new Semaphore(0);
    Semaphore finished = new Semaphore(0);
    Future<?> waiter =
        executor.submit(
            () -> {
              for (int i = 0; i < HAND_OVERS; i++) {
                started.acquire();
                VirtualAddress va = kernel.vm.kmem().allocWait(space.map(), PAGE).orThrow();
                kernel.vm.kmem().free(space.map(), va, PAGE);
                finished.release();
              }
              return null;
            });
    for (int i = 0; i < HAND_OVERS; i++) {
      VirtualAddress va = kernel.vm.kmem().allocPageable(space.map(), PAGE).orThrow();
      started.release();
      for (int spin = i; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      kernel.vm.kmem().freeWakeup(space.map(), va, PAGE);
      assertThat(finished.tryAcquire(30, TimeUnit.SECONDS)).as("round %d", i).isTrue();
    }

    waiter.get(30, TimeUnit.SECONDS);
    assertThat(space.map().nentries()).isZero();
    kernel.check();
  }

  @Test
  void anAllocationWithoutMemoryProceedsWhenPagesAreFreed() throws Exception {
    TestKernel kernel = TestKernel.small();
    long usable = kernel.counter(VmCounter.FREE_COUNT) - kernel.counter(VmCounter.FREE_RESERVED);
    long first = kernel.alloc(usable / 2 * PAGE);
    CompletableFuture<Long> second =
        CompletableFuture.supplyAsync(() -> kernel.alloc(usable * 3 / 4 * PAGE), executor);
    awaitSleepers(kernel, kernel.vm.shortage().channel(), 1);

    // The token was dropped: what holds the object is that it is being paged.
    assertThat(kernel.vm.objects().kernelObject().pagingInProgress()).isEqualTo(1);
    // The map isn't locked while the other thread waits.
    kernel.free(first, usable / 2 * PAGE);

    assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(first + usable / 2 * PAGE);
    assertThat(kernel.vm.objects().kernelObject().pagingInProgress()).isZero();
    kernel.check();
  }

  private static void awaitSleepers(TestKernel kernel, Object channel, int count) {
    while (kernel.vm.sleepQueue().sleepersOn(channel) != count) {
      Thread.onSpinWait();
    }
  }

  private interface Body {
    void run(int thread, Runnable progress);
  }

  private static void runOnAllThreads(TestKernel kernel, Body body) throws Exception {
    Watchdog watchdog = Watchdog.of(kernel);
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      watchdog.start("thread-" + i, () -> body.run(thread, watchdog::progress));
    }
    watchdog.join();
  }
}
