package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.campaign.sched.StuckException;
import dev.kmemu.campaign.sched.Turns;
import dev.kmemu.vm.kern.KernReturn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Has the threads of a section do what they are to do. Each changes two pages of every space and
 * two allocations that are its own, so that the outcome doesn't depend on the order; accesses and
 * faults go to any page.
 */
final class SectionRun {

  private final MapScene scene;
  private final MapOperations operations;
  private final Paging paging;
  private final KernelMemory memory;
  private final SectionAccesses accesses;
  private final Overlaps overlaps;
  private final Section section;
  private boolean pagingOut;
  private @Nullable Failure failure;

  SectionRun(
      MapScene scene,
      MapOperations operations,
      Paging paging,
      MapAccesses accesses,
      Section section) {
    this.scene = scene;
    this.operations = operations;
    this.paging = paging;
    this.memory = scene.memory();
    this.section = section;
    overlaps = new Overlaps();
    this.accesses = new SectionAccesses(scene.vm(), scene.cpu(), scene.turns(), accesses, overlaps);
  }

  @Nullable Failure run() {
    List<Turns.Body> bodies = new ArrayList<>();
    for (int i = 0; i < Operands.THREADS; i++) {
      int thread = i;
      List<Step> steps = section.steps(i);
      String description = steps.stream().map(Step::toString).collect(Collectors.joining(", "));
      bodies.add(new Turns.Body(description, () -> steps.forEach(step -> perform(thread, step))));
    }
    try {
      scene.turns().run(bodies, section.preemptions());
    } catch (StuckException e) {
      return stuck(e, section.verbs());
    }
    return failure;
  }

  static Failure stuck(StuckException e, String suspect) {
    String waits = String.join("; ", e.waits());
    return new Failure(e.check(), suspect, "the threads end", waits, e.waits());
  }

  private void perform(int thread, Step step) {
    if (failure == null) {
      Failure found = scene.disk().retrying(() -> performed(thread, step, (MapVerb) step.verb()));
      failure = failure == null ? found : failure;
    }
  }

  private @Nullable Failure performed(int thread, Step step, MapVerb verb) {
    switch (verb) {
      case LOAD -> {
        return access(AccessType.LOAD, step);
      }
      case STORE -> {
        return access(AccessType.STORE, step);
      }
      case KALLOC -> {
        return memory.alloc(Section.ownSlot(thread, step.index(0)), step.index(1) + 1, true);
      }
      case KFREE -> {
        return memory.free(Section.ownSlot(thread, step.index(0)), true);
      }
      case FORK -> fork(step.index(0), step.index(1));
      case EXIT -> exit(step.index(0));
      case PAGE_OUT -> pageOut();
      case FORGET -> paging.forget();
      default -> {
        SpaceModel model = scene.space(step.index(0));
        return model == null ? null : onSpace(model, thread, step, verb);
      }
    }
    return null;
  }

  private @Nullable Failure access(AccessType type, Step step) {
    SpaceModel model = scene.current();
    return model == null ? null : accesses.one(model, type, MapStage.isUser(step), step.index(1));
  }

  private @Nullable Failure onSpace(SpaceModel model, int thread, Step step, MapVerb verb) {
    if (verb == MapVerb.FAULT) {
      return fault(model, step.index(1), step.value(2) != 0);
    }
    if (section.forks(step.index(0))) {
      return null;
    }
    int from = Section.ownPage(thread, step.index(1));
    int last = Math.max(from, Section.ownPage(thread, step.index(2)));
    try (Overlaps.Use use = overlaps.begin(model, from, last, true)) {
      Failure found = operations.onRange(model, verb, step, from, last);
      for (int i = from; i <= last; i++) {
        SpacePage page = model.page(i);
        Long stored = use.stored(i);
        if (page != null && stored != null) {
          page.contents.set(stored);
        }
      }
      return found;
    }
  }

  private @Nullable Failure fault(SpaceModel model, int page, boolean write) {
    try (Overlaps.Use use = overlaps.begin(model, page, page, false)) {
      KernReturn result = operations.faulted(model, page, write);
      boolean usual =
          result == KernReturn.SUCCESS
              || result == KernReturn.INVALID_ADDRESS
              || result == KernReturn.PROTECTION_FAILURE;
      return use.hasMet() && usual ? null : MapOperations.judge(model, page, write, result);
    }
  }

  private void fork(int parent, int child) {
    SpaceModel model = scene.space(parent);
    if (model == null || scene.space(child) != null || !section.mentionsOnce(child)) {
      return;
    }
    try (Overlaps.Copying copying = overlaps.beginCopying()) {
      SpaceModel made = scene.fork(parent, child);
      for (int i = 0; made != null && i < Operands.PAGES; i++) {
        SpacePage from = model.page(i);
        SpacePage to = made.page(i);
        if (from != null && to != null && to.contents != from.contents) {
          to.contents.mayAlsoBe(copying.held(from.contents));
        }
      }
    }
  }

  private void exit(int space) {
    if (section.mentionsOnce(space) && scene.space(space) != scene.current()) {
      scene.exit(space);
    }
  }

  /** There is one page daemon. */
  private void pageOut() {
    if (!pagingOut && !scene.vm().shortage().isRunning()) {
      pagingOut = true;
      paging.pageOut();
      pagingOut = false;
    }
  }
}
