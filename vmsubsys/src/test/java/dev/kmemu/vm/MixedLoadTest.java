package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MixedLoadTest {

  private static final int THREADS = 8;
  private static final int OPERATIONS = 100_000;
  private static final long SCARCE_PAGES = 12;

  private final TestKernel kernel = TestKernel.small();

  private VmMap submap(String name, long pages) {
    return kernel.vm.kmem().suballoc(kernel.map(), name, pages * PAGE).map();
  }

  private List<MixedLoad.Arena> arenas() {
    VmMap pager = submap("pager_map", SCARCE_PAGES);
    pager.setSystemMap();
    return List.of(
        new MixedLoad.Arena(kernel.map(), MixedLoad.Use.SYSTEM),
        new MixedLoad.Arena(submap("clean_map", 1024), MixedLoad.Use.DEMAND_ZERO),
        new MixedLoad.Arena(pager, MixedLoad.Use.WAIT));
  }

  @Test
  void eightThreadsOfMixedOperationsInScarceMemoryLeakNothing() throws Exception {
    List<MixedLoad.Arena> arenas = arenas();
    List<Long> before = counters(arenas);
    MemoryHog hog = new MemoryHog(kernel.vm);
    CountDownLatch running = new CountDownLatch(THREADS);
    Watchdog watchdog = Watchdog.of(kernel);
    for (int i = 0; i < THREADS; i++) {
      MixedLoad load = new MixedLoad(kernel, arenas, i);
      watchdog.start(
          "load-" + i,
          () -> {
            try {
              load.run(OPERATIONS, watchdog::progress);
            } finally {
              running.countDown();
              if (running.getCount() == 0) {
                hog.end();
              }
            }
          });
    }
    watchdog.start("hog", hog::run);
    watchdog.join();

    kernel.check();
    assertThat(hog.shortages()).as("waits for memory").isPositive();
    assertThat(counters(arenas)).isEqualTo(before);
  }

  /** What must be as it was when all is freed. */
  private List<Long> counters(List<MixedLoad.Arena> arenas) {
    List<Long> counters = new ArrayList<>();
    counters.add(kernel.counter(VmCounter.FREE_COUNT));
    counters.add(kernel.counter(VmCounter.WIRE_COUNT));
    counters.add(kernel.counter(VmCounter.ACTIVE_COUNT));
    counters.add(kernel.counter(VmCounter.INACTIVE_COUNT));
    counters.add(kernel.residentCount());
    counters.add(kernel.wiredCount());
    counters.add((long) kernel.vm.objects().kernelObject().refCount());
    counters.add((long) kernel.vm.objects().kernelObject().residentPageCount());
    for (MixedLoad.Arena arena : arenas) {
      counters.add(arena.map().size());
      counters.add((long) arena.map().nentries());
    }
    return counters;
  }
}
