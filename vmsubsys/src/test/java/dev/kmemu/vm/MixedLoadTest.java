package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.space.ModelledSpace;
import dev.kmemu.vm.space.SpaceLoad;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All that the VM can do, by many threads at once, in kernel memory and in user spaces. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MixedLoadTest {

  private static final int THREADS = 8;
  private static final int OPERATIONS = 100_000;
  private static final int SHARED_SPACES = 2;
  private static final long SCARCE_PAGES = 12;

  /** Of how many operations one is on kernel memory. */
  private static final int KERNEL_SHARE = 4;

  /** A kernel with all that the threads of a test have in common. */
  private static final class Setting {
    final TestKernel kernel;
    final List<KernelLoad.Arena> arenas;
    final List<ModelledSpace> spaces;
    final Map<String, Long> before;

    Setting(TestKernel kernel) {
      this.kernel = kernel;
      VmMap pager = submap("pager_map", SCARCE_PAGES);
      pager.setSystemMap();
      arenas =
          List.of(
              new KernelLoad.Arena(kernel.map(), KernelLoad.Use.SYSTEM),
              new KernelLoad.Arena(submap("clean_map", 1024), KernelLoad.Use.DEMAND_ZERO),
              new KernelLoad.Arena(pager, KernelLoad.Use.WAIT));
      before = counters();
      spaces =
          IntStream.range(0, SHARED_SPACES)
              .mapToObj(i -> ModelledSpace.create(kernel.vm, THREADS * SpaceLoad.LANE))
              .toList();
    }

    private VmMap submap(String name, long pages) {
      return kernel.vm.kmem().suballoc(kernel.map(), name, pages * PAGE).map();
    }

    void start(Watchdog watchdog, int thread, Runnable atEnd) {
      KernelLoad kernelLoad = new KernelLoad(kernel, arenas, thread);
      SpaceLoad spaceLoad = new SpaceLoad(spaces, thread, thread);
      watchdog.start(
          "load-" + thread,
          () -> {
            try {
              for (int i = 0; i < OPERATIONS; i++) {
                if (i % KERNEL_SHARE == 0) {
                  kernelLoad.step();
                } else {
                  spaceLoad.step();
                }
                watchdog.progress();
              }
              kernelLoad.end();
              spaceLoad.end();
            } finally {
              atEnd.run();
            }
          });
    }

    /** Nothing may be left of what the threads had. */
    void checkEnd() {
      kernel.check();
      spaces.forEach(ModelledSpace::free);
      kernel.check();
      assertThat(counters()).isEqualTo(before);
    }

    private Map<String, Long> counters() {
      Map<String, Long> counters = new LinkedHashMap<>();
      counters.put("free and cached", kernel.vm.stats().freeAndCache());
      for (VmCounter counter :
          List.of(VmCounter.WIRE_COUNT, VmCounter.ACTIVE_COUNT, VmCounter.INACTIVE_COUNT)) {
        counters.put(counter.upstreamName(), kernel.counter(counter));
      }
      counters.put("resident_count", kernel.residentCount());
      counters.put("wired_count", kernel.wiredCount());
      counters.put("kernel_object", (long) kernel.vm.objects().kernelObject().refCount());
      counters.put("its pages", (long) kernel.vm.objects().kernelObject().residentPageCount());
      counters.put("objects", (long) kernel.vm.objects().count());
      counters.put("spaces", (long) kernel.vm.spaces().live().size());
      counters.put("pmaps", (long) kernel.vm.userPmaps().live().size());
      SwapPager swap = kernel.vm.paging().pagers().swap();
      counters.put("swap", swap == null ? 0L : swap.pagesInUse());
      for (KernelLoad.Arena arena : arenas) {
        counters.put(arena.map().name(), arena.map().size());
        counters.put(arena.map().name() + " entries", (long) arena.map().nentries());
      }
      return counters;
    }
  }

  @Test
  void withoutSwapEveryShortageEndsAndNothingLeaks() throws Exception {
    TestKernel kernel = TestKernel.withRam(24 * MIB);
    Setting setting = new Setting(kernel);
    MemoryHog hog = new MemoryHog(kernel.vm);
    CountDownLatch running = new CountDownLatch(THREADS);
    Watchdog watchdog = Watchdog.of(kernel);
    for (int i = 0; i < THREADS; i++) {
      setting.start(
          watchdog,
          i,
          () -> {
            running.countDown();
            if (running.getCount() == 0) {
              hog.end();
            }
          });
    }
    watchdog.start("hog", hog::run);
    watchdog.join();
    hog.close();

    setting.checkEnd();
    assertThat(hog.shortages()).as("waits for memory").isPositive();
  }

  @Test
  void whatDoesNotFitIntoMemoryComesBackFromSwapAndNothingLeaks() throws Exception {
    TestKernel kernel = TestKernel.withSwap(13 * MIB / 2, new SwapConfig.Memory(8192));
    Setting setting = new Setting(kernel);
    Watchdog watchdog = Watchdog.of(kernel);
    for (int i = 0; i < THREADS; i++) {
      setting.start(watchdog, i, () -> {});
    }
    watchdog.join();

    setting.checkEnd();
    assertThat(kernel.counter(VmCounter.SWAPOUT)).as("pages written out").isPositive();
    assertThat(kernel.counter(VmCounter.SWAPIN)).as("pages read back").isPositive();
  }
}
