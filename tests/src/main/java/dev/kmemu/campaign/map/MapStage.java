package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.KernelStage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.campaign.sched.StuckException;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A CPU with RAM, on which each script boots a kernel VM. Space A is there, and the CPU is on it.
 */
final class MapStage implements KernelStage {

  private static final int STEPS_BETWEEN_CHECKS = 64;

  private final PhysicalMemory ram;
  private final AccessCpu cpu;
  private final PmapProvider pmap;
  private final int swapPages;
  private @Nullable MapScene scene;
  private @Nullable MapOperations operations;
  private @Nullable Paging paging;
  private MapAccesses accesses;
  private Section section = new Section();
  private @Nullable Consumer<String> explaining;
  private Coverage coverage = new Coverage(MapFeatures.TABLES);
  private int lastVerb;
  private int steps;
  private long checks;

  MapStage(StageOptions options, int swapPages) {
    this.swapPages = swapPages;
    pmap = options.pmap().provider();
    ram = new PhysicalMemory(new AnonymousMapping(options.ramBytes()));
    try {
      cpu = new AccessCpu(options.unicorn(), ram);
    } catch (RuntimeException e) {
      ram.close();
      throw e;
    }
    accesses = new MapAccesses(cpu);
  }

  @Override
  public void begin(Coverage target) {
    endScene();
    coverage = target;
    lastVerb = -1;
    steps = 0;
    section = new Section();
    MapScene fresh = new MapScene(ram, cpu, pmap, swapPages);
    fresh.turns().explainTo(explaining);
    accesses.beginScene(fresh.cached());
    scene = fresh;
    operations = new MapOperations(fresh.vm());
    paging = new Paging(fresh.vm());
    fresh.spawn(0);
    fresh.switchTo(0);
  }

  private void endScene() {
    MapScene old = scene;
    scene = null;
    if (old != null) {
      old.close();
    }
  }

  private MapScene scene() {
    return Objects.requireNonNull(scene, "no script was begun");
  }

  @Override
  public @Nullable Failure apply(Step step) {
    MapScene now = scene();
    MapVerb verb = (MapVerb) step.verb();
    MapFeatures.pair(coverage, lastVerb, verb);
    lastVerb = verb.number();
    if (section.takes(step)) {
      return null;
    }
    Failure failure = verb == MapVerb.TOGETHER ? together(now) : orStuck(now, verb, step);
    SpaceModel current = now.current();
    if (current != null) {
      MapFeatures.shape(coverage, verb, current);
    }
    checks++;
    if (failure == null) {
      failure = now.compareMapped(verb.word());
    }
    boolean isTime = ++steps % STEPS_BETWEEN_CHECKS == 0 || verb == MapVerb.TOGETHER;
    if (failure == null && isTime) {
      failure = now.invariants(verb.word());
    }
    return failure;
  }

  private @Nullable Failure orStuck(MapScene now, MapVerb verb, Step step) {
    try {
      now.turns().beginStep();
      return now.disk().retrying(() -> apply(now, verb, step));
    } catch (StuckException e) {
      return SectionRun.stuck(e, verb.word());
    }
  }

  private @Nullable Failure together(MapScene now) {
    Section todo = section;
    section = new Section();
    return todo.isEmpty()
        ? null
        : new SectionRun(
                now,
                Objects.requireNonNull(operations),
                Objects.requireNonNull(paging),
                accesses,
                todo)
            .run();
  }

  private @Nullable Failure apply(MapScene now, MapVerb verb, Step step) {
    switch (verb) {
      case SPAWN -> now.spawn(step.index(0));
      case FORK -> now.fork(step.index(0), step.index(1));
      case EXEC -> now.exec(step.index(0));
      case EXIT -> now.exit(step.index(0));
      case SWITCH -> now.switchTo(step.index(0));
      case PAGE_OUT -> {
        Failure lost = now.compareClean(verb.word());
        Objects.requireNonNull(paging).pageOut();
        return lost;
      }
      case FORGET -> Objects.requireNonNull(paging).forget();
      case FAIL_READ -> now.disk().failRead(step.index(0));
      case FAIL_WRITE -> now.disk().failWrite(step.index(0));
      case HOARD -> now.hoard().take(step.index(0));
      case KALLOC -> {
        return now.memory().alloc(step.index(0), step.index(1) + 1, false);
      }
      case KFREE -> {
        return now.memory().free(step.index(0), false);
      }
      case CHECK -> {
        return now.invariants(verb.word());
      }
      case LOAD -> {
        return access(now, AccessType.LOAD, isUser(step), step.index(1));
      }
      case STORE -> {
        return access(now, AccessType.STORE, isUser(step), step.index(1));
      }
      case SWEEP -> {
        return sweep(now, isUser(step));
      }
      default -> {
        SpaceModel model = now.space(step.index(0));
        return model == null ? null : onSpace(model, verb, step);
      }
    }
    return null;
  }

  private @Nullable Failure onSpace(SpaceModel model, MapVerb verb, Step step) {
    MapOperations doing = Objects.requireNonNull(operations);
    int from = step.index(1);
    if (verb == MapVerb.FAULT) {
      return doing.fault(model, from, step.value(2) != 0);
    }
    return doing.onRange(model, verb, step, from, Math.max(from, step.index(2)));
  }

  private @Nullable Failure sweep(MapScene now, boolean user) {
    Failure failure = null;
    for (int page = 0; failure == null && page < Operands.PAGES; page++) {
      failure = access(now, AccessType.LOAD, user, page);
    }
    return failure;
  }

  private @Nullable Failure access(MapScene now, AccessType type, boolean user, int page) {
    SpaceModel model = now.current();
    if (model == null) {
      return null;
    }
    Failure failure = accesses.one(model, type, user, page);
    MapFeatures.access(coverage, type, user, model.page(page), accesses.last());
    return failure;
  }

  static boolean isUser(Step step) {
    return "user".equals(Operands.RING.format(step.value(0)));
  }

  @Override
  public @Nullable Failure end() {
    MapScene now = scene();
    Failure failure = together(now);
    failure = failure == null ? now.compareMapped("end") : failure;
    failure = failure == null ? now.invariants("end") : failure;
    return failure == null ? now.takeDown() : failure;
  }

  @Override
  public void explainTo(@Nullable Consumer<String> listener) {
    explaining = listener;
    accesses.explainTo(listener);
  }

  @Override
  public long checks() {
    return checks + accesses.made();
  }

  @Override
  public @Nullable KernelVm kernelVm() {
    MapScene now = scene;
    return now == null ? null : now.vm();
  }

  @Override
  public void close() {
    endScene();
    cpu.close();
    ram.close();
  }
}
