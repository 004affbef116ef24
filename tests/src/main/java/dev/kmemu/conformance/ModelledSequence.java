package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Random calls on one user map, beside a model that is a map of addresses. */
final class ModelledSequence {

  /** Pages around the ends of a page table, and far from it. */
  private static final long[] PLACES = {
    DATA, DATA + PAGE, DATA + KvaLayout.NBPDR - PAGE, DATA + KvaLayout.NBPDR, DATA + (1L << 39)
  };

  private record Mapping(VmPage page, boolean writable, boolean wired) {}

  private final TestedKernel kernel;
  private final int seed;
  private final Random random;
  private final UserSpace space;
  private final Pmap pmap;
  private final List<VmPage> pages = new ArrayList<>();
  private final NavigableMap<Long, Mapping> model = new TreeMap<>();
  private int step;

  ModelledSequence(TestedKernel kernel, int seed) {
    this.kernel = kernel;
    this.seed = seed;
    this.random = new Random(seed);
    this.space = kernel.space();
    this.pmap = space.pmap();
    for (int i = 0; i < 3; i++) {
      pages.add(kernel.page());
    }
  }

  void run(int steps) {
    GuestView guest = kernel.ring3(space);
    for (step = 1; step <= steps; step++) {
      act();
      compareEntries();
      if (step % 8 == 0) {
        compareWith(guest);
      }
    }
    pmap.remove(0, KvaLayout.USER_END);
    model.clear();
    compareEntries();
  }

  private void act() {
    long va = PLACES[random.nextInt(PLACES.length)];
    long end = random.nextBoolean() ? va + PAGE : va + (1 + random.nextInt(600)) * PAGE;
    VmPage page = pages.get(random.nextInt(pages.size()));
    switch (random.nextInt(8)) {
      case 0 -> {
        pmap.remove(va, end);
        forget(va, end, m -> true);
      }
      case 1 -> {
        pmap.removePages(va, end);
        forget(va, end, m -> !m.wired);
      }
      case 2 -> {
        pmap.protect(va, end, VmProt.READ);
        model.subMap(va, end).replaceAll((at, m) -> new Mapping(m.page, false, m.wired));
      }
      case 3 -> {
        boolean all = random.nextBoolean();
        kernel.pageProtect(page, all ? VmProt.NONE : VmProt.READ);
        if (all) {
          model.values().removeIf(m -> m.page == page);
        } else {
          model.replaceAll((at, m) -> m.page == page ? new Mapping(page, false, m.wired) : m);
        }
      }
      case 4 -> {
        Mapping mapped = model.get(va);
        if (mapped != null) {
          pmap.changeWiring(va, !mapped.wired);
          model.put(va, new Mapping(mapped.page, mapped.writable, !mapped.wired));
        }
      }
      default -> {
        Mapping made = new Mapping(page, random.nextBoolean(), random.nextInt(3) == 0);
        pmap.enter(va, page, made.writable ? RW : VmProt.READ, made.wired);
        model.put(va, made);
      }
    }
  }

  private void forget(long start, long end, Predicate<Mapping> which) {
    model.subMap(start, end).values().removeIf(which);
  }

  private void compareEntries() {
    long mask = PteBits.V | PteBits.RW | PteBits.U | PteBits.W | PteBits.FRAME | PteBits.NX;
    for (long va : PLACES) {
      // The program of the guest is far from all places.
      Mapping mapped = model.get(va);
      long expected =
          mapped == null
              ? 0
              : mapped.page.physAddr()
                  | PteBits.V
                  | PteBits.U
                  | (mapped.writable ? PteBits.RW : 0)
                  | (mapped.wired ? PteBits.W : 0);
      assertThat(kernel.pte(pmap, va) & mask)
          .as("the entry of 0x%x after step %d of sequence %d", va, step, seed)
          .isEqualTo(expected);
    }
    long wired = model.values().stream().filter(Mapping::wired).count();
    assertThat(pmap.statistics().wiredCount())
        .as("wired_count after step %d of sequence %d", step, seed)
        .isEqualTo(wired);
  }

  private void compareWith(GuestView guest) {
    long va = PLACES[random.nextInt(PLACES.length)];
    Mapping mapped = model.get(va);
    assertThat(guest.load(va))
        .as("load of 0x%x after step %d of sequence %d", va, step, seed)
        .isEqualTo(mapped == null ? GuestView.FAULT : kernel.word(mapped.page));
  }
}
