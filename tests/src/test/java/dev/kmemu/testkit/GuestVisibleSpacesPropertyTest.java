package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PmapMappings;
import dev.kmemu.vm.space.ModelPage;
import dev.kmemu.vm.space.ModelledSpace;
import dev.kmemu.vm.space.SpaceStage;
import dev.kmemu.vm.space.SpaceStep;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What the real CPU sees of user address spaces after random operations on them. */
class GuestVisibleSpacesPropertyTest {

  private static final int STEPS = 60;
  private static final int ACCESSES = 60;
  private static final int SWAP_PAGES = 64;

  /** A page of one of the spaces. */
  private record Place(int space, int page) {}

  /** What the CPU did since the bits were cleared. */
  private static final class Touched {
    final Set<Place> loaded = new HashSet<>();
    final Set<Place> stored = new HashSet<>();
    final Set<Place> refused = new HashSet<>();
  }

  @Provide
  Arbitrary<List<SpaceStep>> sequences() {
    return SpaceStep.sequences(STEPS);
  }

  @Property(tries = 25)
  void theCpuAgreesWithTheModelInEverySpace(
      @ForAll("sequences") List<SpaceStep> steps, @ForAll long choice) {
    try (SpaceProbe guest = new SpaceProbe(SWAP_PAGES)) {
      SpaceStage stage = new SpaceStage(guest.vm());
      steps.forEach(stage::apply);
      stage.verify();
      stage.spaces().forEach(space -> guest.enter(space.space()));
      watch(guest.vm());
      Touched touched = access(guest, stage, new Random(choice));
      compareAccessedAndModified(guest.vm(), stage, touched);
      stage.verify();
      stage.pageOut();
      stage.loadAll();
      guest.leave();
      stage.end();
    }
  }

  private static Touched access(SpaceProbe guest, SpaceStage stage, Random random) {
    Touched touched = new Touched();
    for (int i = 0; i < ACCESSES; i++) {
      int number = random.nextInt(stage.spaces().size());
      ModelledSpace space = stage.spaces().get(number);
      int page = random.nextInt(space.pages());
      Place place = new Place(number, page);
      if (random.nextBoolean()) {
        load(guest, space, page, touched, place);
      } else {
        store(guest, space, page, random.nextLong(), touched, place);
      }
    }
    return touched;
  }

  private static void load(
      SpaceProbe guest, ModelledSpace space, int page, Touched touched, Place place) {
    ModelPage model = space.page(page);
    String end = guest.load(space.space(), ModelledSpace.at(page));
    String what = "load of page " + page + " of " + space;
    assertThat(end).as(what).startsWith(expected(model, VmProt.READ));
    if (end.isEmpty() && model != null) {
      assertThat(guest.word()).as(what).isEqualTo(model.word());
      touched.loaded.add(place);
    } else {
      touched.refused.add(place);
    }
  }

  private static void store(
      SpaceProbe guest, ModelledSpace space, int page, long word, Touched touched, Place place) {
    ModelPage model = space.page(page);
    String end = guest.store(space.space(), ModelledSpace.at(page), word);
    String expected = expected(model, VmProt.WRITE);
    if (!end.isEmpty()) {
      boolean mayRefuse = model != null && model.mayRefuseStores();
      assertThat(end)
          .as("store to page %d of %s", page, space)
          .startsWith(mayRefuse ? "SIGBUS" : expected);
      assertThat(expected.isEmpty() && !mayRefuse).as("refused: %s", end).isFalse();
      touched.refused.add(place);
    } else {
      assertThat(expected).as("store to page %d of %s", page, space).isEmpty();
      space.noteStored(page, word);
      touched.stored.add(place);
    }
  }

  /** Returns how the reason of a crash begins, empty when there is to be none. */
  private static String expected(@Nullable ModelPage page, int access) {
    if (page == null) {
      return "SIGSEGV: no entry at the address";
    }
    return (page.protection() & access) == 0 ? "SIGBUS: the entry forbids the access" : "";
  }

  /** Takes all A and M bits away, also from the CPU's TLB. */
  private static void watch(KernelVm vm) {
    vm.tokens().vm().get();
    try {
      for (int i = 0; i < vm.pages().size(); i++) {
        VmPage page = vm.pages().get(i);
        if (page.firstPv() != null) {
          vm.pageState().testDirty(page);
          vm.pmap().mappings().clearReference(page);
          vm.pmap().mappings().clearModify(page);
        }
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  private static void compareAccessedAndModified(KernelVm vm, SpaceStage stage, Touched touched) {
    PmapMappings mappings = vm.pmap().mappings();
    Map<VmPage, Integer> accessed = new HashMap<>();
    Set<VmPage> unsure = new HashSet<>();
    vm.tokens().vm().get();
    try {
      Set<VmPage> written = new HashSet<>();
      for (int number = 0; number < stage.spaces().size(); number++) {
        ModelledSpace space = stage.spaces().get(number);
        for (int page = 0; page < space.pages(); page++) {
          long pa = space.space().pmap().extract(ModelledSpace.at(page));
          if (pa != 0) {
            Place place = new Place(number, page);
            VmPage mapped = vm.pages().at(pa);
            boolean stored = touched.stored.contains(place);
            accessed.merge(mapped, stored || touched.loaded.contains(place) ? 1 : 0, Integer::sum);
            if (stored) {
              written.add(mapped);
            }
            if (touched.refused.contains(place)) {
              unsure.add(mapped);
            }
          }
        }
      }
      accessed.forEach(
          (page, count) -> {
            assertThat(mappings.isModified(page))
                .as("M of %s", page)
                .isEqualTo(written.contains(page));
            if (!unsure.contains(page)) {
              assertThat(mappings.testAndClearReferenced(page))
                  .as("A of %s", page)
                  .isEqualTo(count);
            }
          });
    } finally {
      vm.tokens().vm().release();
    }
  }
}
