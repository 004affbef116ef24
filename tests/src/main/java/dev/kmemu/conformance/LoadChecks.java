package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** That the pmap holds out: huge ranges, little memory, many threads, long sequences. */
public interface LoadChecks extends ConformanceChecks {

  /** Long enough for any machine, and far too short for a loop over 2^35 pages. */
  Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  default void hugeRangesTakeTheTimeOfTheirTablesOnly() {
    onKernel(
        k -> {
          Pmap pmap = k.space().pmap();
          VmPage page = k.page();
          assertTimeoutPreemptively(
              PATIENCE,
              () -> {
                for (int i = 0; i < 20; i++) {
                  pmap.enter(PAGE, page, RW, false);
                  pmap.enter(DATA, page, RW, false);
                  pmap.enter(KvaLayout.USER_END - PAGE, page, RW, false);
                  pmap.protect(0, KvaLayout.USER_END, VmProt.READ);
                  pmap.removePages(0, KvaLayout.USER_END);
                  pmap.remove(0, KvaLayout.USER_END);
                }
              },
              "pmap_protect, pmap_remove_pages and pmap_remove of 128 TiB with 3 pages in them must not look at every page");
        });
  }

  @Test
  default void nothingThatWasStoredIsLostWhenMemoryIsShort() {
    onKernel(
        k -> {
          VmSpace space = k.vm().spaces().alloc();
          UserSpace user = new UserSpace(space.map(), space.pmap());
          long pages = k.freePages() + 200;
          k.machine().mapAnonymous(user, DATA, pages * PAGE, RW);
          GuestView guest = k.ring3(user);
          for (long i = 0; i < pages; i++) {
            assertThat(guest.store(DATA + i * PAGE, i))
                .as("store to page %d of %d, which are more than RAM has", i, pages)
                .isEqualTo(DONE);
          }
          for (long i = 0; i < pages; i++) {
            assertThat(guest.load(DATA + i * PAGE))
                .as("page %d of %d after it may have been paged out (M lost?)", i, pages)
                .isEqualTo(GuestView.hex(i));
          }
        });
  }

  @Test
  default void threadsThatUseTheSamePagesKeepTheCounts() {
    onKernel(
        k -> {
          List<VmPage> pages = List.of(k.page(), k.page(), k.page());
          UserSpace shared = k.space();
          List<UserSpace> spaces = List.of(k.space(), k.space(), k.space());
          long free = k.freePages();
          ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
          List<Thread> threads = new ArrayList<>();
          for (int i = 0; i < spaces.size(); i++) {
            Pmap own = spaces.get(i).pmap();
            Random random = new Random(i);
            Thread thread =
                new Thread(
                    () -> {
                      for (int step = 0; step < 300; step++) {
                        Pmap pmap = random.nextBoolean() ? own : shared.pmap();
                        VmPage page = pages.get(random.nextInt(pages.size()));
                        long va = DATA + random.nextInt(3) * KvaLayout.NBPDR;
                        switch (random.nextInt(4)) {
                          case 0 -> pmap.remove(va, va + PAGE);
                          case 1 ->
                              k.pageProtect(page, random.nextBoolean() ? VmProt.NONE : VmProt.READ);
                          default -> pmap.enter(va, page, RW, random.nextInt(4) == 0);
                        }
                      }
                    });
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            threads.add(thread);
            thread.start();
          }
          threads.forEach(LoadChecks::join);
          assertThat(failures).as("what threads failed with").isEmpty();
          k.requireInvariants();
          pages.forEach(page -> k.pageProtect(page, VmProt.NONE));
          assertThat(k.freePages()).as("free pages after all pages were unmapped").isEqualTo(free);
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  default void aLongSequenceDoesWhatAMapOfAddressesDoes() {
    onKernel(
        k -> {
          for (int seed = 0; seed < 3; seed++) {
            new ModelledSequence(k, seed).run(400);
          }
        });
  }
}
