package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.pmap.PmapVerb.Operands;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One CPU with RAM, on which each script boots a kernel VM of its own. Its first address space is
 * A, and the CPU is on it.
 */
final class PmapStage implements Stage {

  /** A script compares everything after so many steps; what a step concerns, after each. */
  private static final int FULL_COMPARISON = 64;

  /** With fewer free pages a script ends before the pmap goes to sleep for want of them. */
  private static final int FEW_PAGES = 64;

  private final PhysicalMemory ram;
  private final AccessCpu cpu;
  private final PmapProvider pmap;
  private final PmapFeatures features = new PmapFeatures();
  private @Nullable PmapScene scene;
  private @Nullable Consumer<String> listener;
  private long checks;
  private int steps;

  PmapStage(StageOptions options) {
    pmap = options.pmap().provider();
    ram = new PhysicalMemory(new AnonymousMapping(options.ramBytes()));
    try {
      cpu = new AccessCpu(options.unicorn(), ram);
    } catch (RuntimeException e) {
      ram.close();
      throw e;
    }
  }

  @Override
  public void begin(Coverage coverage) {
    countChecks();
    features.begin(coverage);
    steps = 0;
    PmapScene fresh = new PmapScene(ram, cpu, pmap, features);
    fresh.accesses().explainTo(listener);
    scene = fresh;
    fresh.operations().pinit(0);
    fresh.operations().switchTo(0);
  }

  private void countChecks() {
    PmapScene old = scene;
    if (old != null) {
      checks += old.checks();
      scene = null;
    }
  }

  private PmapScene scene() {
    PmapScene now = scene;
    if (now == null) {
      throw new IllegalStateException("no script was begun");
    }
    return now;
  }

  @Override
  public @Nullable Failure apply(Step step) {
    PmapScene now = scene();
    PmapVerb verb = (PmapVerb) step.verb();
    features.verb(verb);
    now.suspects().note(verb);
    if (now.kernel().freePages() < FEW_PAGES) {
      return now.shortage(FEW_PAGES);
    }
    Failure failure = now.apply(verb, step);
    if (failure == null) {
      failure = now.comparison().cached();
    }
    if (failure == null && ++steps % FULL_COMPARISON == 0) {
      failure = now.comparison().all();
    }
    return failure;
  }

  @Override
  public @Nullable Failure end() {
    PmapScene now = scene();
    Failure failure = now.comparison().all();
    if (failure == null) {
      failure = now.comparison().invariants();
    }
    if (failure == null) {
      failure = now.takeDown();
    }
    countChecks();
    return failure;
  }

  @Override
  public void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
    PmapScene now = scene;
    if (now != null) {
      now.accesses().explainTo(newListener);
    }
  }

  @Override
  public long checks() {
    PmapScene now = scene;
    return checks + (now == null ? 0 : now.checks());
  }

  @Override
  public void close() {
    scene = null;
    cpu.close();
    ram.close();
  }

  /** Returns whether {@code ring}'s value is ring 3. */
  static boolean isUser(long ring) {
    return "user".equals(Operands.RING.format(ring));
  }
}
