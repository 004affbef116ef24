package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.pmap.PmapVerb.Operands;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One script's kernel, model, and what works on both. */
final class PmapScene {

  private final PmapKernel kernel;
  private final PmapModel model;
  private final Suspects suspects = new Suspects();
  private final PmapComparison comparison;
  private final PmapOperations operations;
  private final PmapAccesses accesses;

  PmapScene(PhysicalMemory ram, AccessCpu cpu, PmapProvider pmap, PmapFeatures features) {
    kernel = new PmapKernel(ram, cpu, pmap);
    List<ModelPage> pages = new ArrayList<>();
    for (int i = 0; i < Operands.PAGES; i++) {
      ModelPage page = new ModelPage(i, kernel.page(i).physAddr(), PmapKernel.isManaged(i));
      PageImage.write(ram, page);
      pages.add(page);
    }
    model = new PmapModel(pages);
    comparison = new PmapComparison(kernel, model, suspects, cpu);
    operations = new PmapOperations(kernel, model, features, suspects);
    accesses = new PmapAccesses(kernel, model, cpu, comparison, features);
  }

  PmapKernel kernel() {
    return kernel;
  }

  Suspects suspects() {
    return suspects;
  }

  PmapComparison comparison() {
    return comparison;
  }

  PmapOperations operations() {
    return operations;
  }

  PmapAccesses accesses() {
    return accesses;
  }

  long checks() {
    return accesses.made() + comparison.checks();
  }

  @Nullable Failure apply(PmapVerb verb, Step step) {
    return switch (verb) {
      case PINIT -> done(() -> operations.pinit(step.index(0)));
      case RELEASE -> done(() -> operations.release(verb, step.index(0)));
      case SWITCH -> done(() -> operations.switchTo(step.index(0)));
      case ENTER, REMOVE, REMOVE_PAGES, PROTECT, CHANGE_WIRING ->
          model.isLive(step.index(0)) ? mapping(verb, step, step.index(0), 1, 0) : null;
      case ENTER_KERNEL, REMOVE_KERNEL, REMOVE_PAGES_KERNEL, PROTECT_KERNEL, CHANGE_WIRING_KERNEL ->
          mapping(verb, step, PmapModel.KERNEL, 0, PmapAddresses.FIRST_KERNEL);
      case KENTER, KREMOVE, QENTER, QREMOVE -> unmanaged(verb, step);
      case PAGE_PROTECT, CLEAR_MODIFY, CLEAR_REFERENCE, TS_REFERENCED, IS_MODIFIED, LAUNDER ->
          page(verb, step);
      case ZERO_PAGE -> done(() -> operations.zero(model.page(step.index(0))));
      case COPY_PAGE ->
          done(() -> operations.copy(model.page(step.index(0)), model.page(step.index(1))));
      case LOAD -> accesses.one(AccessType.LOAD, isUser(step), step.index(1));
      case STORE -> accesses.one(AccessType.STORE, isUser(step), step.index(1));
      case FETCH -> accesses.one(AccessType.FETCH, isUser(step), step.index(1));
      case SWEEP -> accesses.all(AccessType.of(step.index(1)), isUser(step));
      case CHECK -> {
        Failure failure = comparison.all();
        yield failure == null ? comparison.invariants() : failure;
      }
    };
  }

  private static boolean isUser(Step step) {
    return PmapStage.isUser(step.value(0));
  }

  private static @Nullable Failure done(Runnable action) {
    action.run();
    return null;
  }

  /** Does what has an address, or two, from operand {@code operand} on. */
  private @Nullable Failure mapping(
      PmapVerb verb, Step step, int space, int operand, int firstAddress) {
    int from = firstAddress + step.index(operand);
    int to = from;
    switch (verb) {
      case ENTER, ENTER_KERNEL ->
          operations.enter(
              verb,
              space,
              from,
              step.index(operand + 1),
              step.index(operand + 2) != 0,
              step.index(operand + 3) != 0);
      case CHANGE_WIRING, CHANGE_WIRING_KERNEL ->
          operations.changeWiring(verb, space, from, step.index(operand + 1) != 0);
      default -> {
        to = Math.max(from, firstAddress + step.index(operand + 1));
        range(verb, step, space, from, to, operand + 2);
      }
    }
    for (int at = from; at <= to; at++) {
      Failure failure = comparison.mapping(space, at);
      if (failure != null) {
        return failure;
      }
    }
    Failure failure = comparison.wired(space);
    ModelMapping mapping = model.at(space, from);
    return failure == null && mapping != null ? comparison.page(mapping.page) : failure;
  }

  private void range(PmapVerb verb, Step step, int space, int from, int to, int protection) {
    switch (verb) {
      case REMOVE, REMOVE_KERNEL -> operations.remove(verb, space, from, to);
      case REMOVE_PAGES, REMOVE_PAGES_KERNEL -> operations.removePages(verb, space, from, to);
      case PROTECT, PROTECT_KERNEL ->
          operations.protect(verb, space, from, to, step.index(protection));
      default -> throw new AssertionError(verb);
    }
  }

  private @Nullable Failure unmanaged(PmapVerb verb, Step step) {
    int at = PmapAddresses.FIRST_KENTER + step.index(0);
    switch (verb) {
      case KENTER -> operations.kenter(verb, at, step.index(1));
      case KREMOVE -> operations.kremove(verb, at);
      case QENTER -> operations.qenter(verb, at, step.index(1), step.index(2) + 1);
      case QREMOVE -> operations.qremove(verb, at, step.index(1) + 1);
      default -> throw new AssertionError(verb);
    }
    return comparison.mapping(PmapModel.KERNEL, at);
  }

  private @Nullable Failure page(PmapVerb verb, Step step) {
    List<ModelMapping> before = List.copyOf(model.page(step.index(0)).mappings);
    Failure failure = operations.onPage(verb, step);
    for (int i = 0; failure == null && i < before.size(); i++) {
      failure = comparison.mapping(before.get(i).space, before.get(i).at);
    }
    return failure == null ? comparison.page(model.page(step.index(0))) : failure;
  }

  /** Says that page tables, or what else takes pages, use more than a script can. */
  Failure shortage(int least) {
    return Failure.of(
        "leak",
        suspects.last(),
        "at least " + least + " free pages of " + kernel.freePagesAtStart() + " at the start",
        kernel.freePages());
  }

  /** Ends all address spaces and looks for what is left. */
  @Nullable Failure takeDown() {
    for (int space = 0; space < Operands.SPACES; space++) {
      operations.release(PmapVerb.RELEASE, space);
    }
    operations.remove(
        PmapVerb.REMOVE_KERNEL,
        PmapModel.KERNEL,
        PmapAddresses.FIRST_KERNEL,
        PmapAddresses.FIRST_KENTER - 1);
    operations.qremove(PmapVerb.QREMOVE, PmapAddresses.FIRST_KENTER, PmapAddresses.COUNT);
    Failure failure = comparison.all();
    if (failure != null) {
      return failure;
    }
    long free = kernel.freePages();
    return free == kernel.freePagesAtStart()
        ? comparison.invariants()
        : Failure.of(
            "leak",
            "release",
            kernel.freePagesAtStart() + " free pages, as before the script",
            free);
  }
}
