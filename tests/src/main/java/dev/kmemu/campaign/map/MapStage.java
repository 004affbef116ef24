package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A CPU with RAM, on which each script boots a kernel VM. Space A is there, and the CPU is on it.
 */
final class MapStage implements Stage {

  private static final int STEPS_BETWEEN_CHECKS = 64;

  private final PhysicalMemory ram;
  private final AccessCpu cpu;
  private final PmapProvider pmap;
  private final SwapConfig swap;
  private @Nullable MapScene scene;
  private @Nullable MapOperations operations;
  private @Nullable Paging paging;
  private MapAccesses accesses;
  private Coverage coverage = new Coverage(MapFeatures.TABLES);
  private int lastVerb;
  private int steps;
  private long checks;

  MapStage(StageOptions options, SwapConfig swap) {
    this.swap = swap;
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
    MapScene fresh = new MapScene(ram, cpu, pmap, swap);
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
    Failure failure = apply(now, verb, step);
    SpaceModel current = now.current();
    if (current != null) {
      MapFeatures.shape(coverage, verb, current);
    }
    checks++;
    if (failure == null) {
      failure = now.compareMapped(verb.word());
    }
    if (failure == null && ++steps % STEPS_BETWEEN_CHECKS == 0) {
      failure = now.invariants(verb.word());
    }
    return failure;
  }

  private @Nullable Failure apply(MapScene now, MapVerb verb, Step step) {
    switch (verb) {
      case SPAWN -> now.spawn(step.index(0));
      case FORK -> now.fork(step.index(0), step.index(1));
      case EXEC -> now.exec(step.index(0));
      case EXIT -> now.exit(step.index(0));
      case SWITCH -> now.switchTo(step.index(0));
      case PAGE_OUT -> Objects.requireNonNull(paging).pageOut();
      case FORGET -> Objects.requireNonNull(paging).forget();
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
    int last = Math.max(from, step.index(2));
    return switch (verb) {
      case MAP -> doing.map(model, from, last, step.index(3));
      case PROTECT -> doing.protect(model, from, last, step.index(3));
      case LOCK -> doing.lock(model, from, last);
      case UNLOCK -> doing.unlock(model, from, last);
      case WIRE -> doing.wire(model, from, last);
      case UNMAP -> {
        doing.unmap(model, from, last);
        yield null;
      }
      case INHERIT -> {
        doing.inherit(model, from, last, step.index(3));
        yield null;
      }
      default -> throw new AssertionError(verb);
    };
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

  private static boolean isUser(Step step) {
    return "user".equals(Operands.RING.format(step.value(0)));
  }

  @Override
  public @Nullable Failure end() {
    MapScene now = scene();
    Failure failure = now.invariants("end");
    return failure == null ? now.takeDown() : failure;
  }

  @Override
  public void explainTo(@Nullable Consumer<String> listener) {
    accesses.explainTo(listener);
  }

  @Override
  public long checks() {
    return checks + accesses.made();
  }

  @Override
  public void close() {
    endScene();
    cpu.close();
    ram.close();
  }
}
