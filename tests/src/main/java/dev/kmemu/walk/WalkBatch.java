package dev.kmemu.walk;

import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.unicorn.LibraryWalk;
import dev.kmemu.walk.Difference.Aspect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Combinations that one run of the guest tries, each in a slot of its own. */
final class WalkBatch {

  private static final PageTableLevel[] LEVELS = PageTableLevel.values();
  private static final int OPEN_BUS = -1;

  private record Try(int slot, Combination combination, int first, List<Expectation> steps) {}

  private final WalkMachine machine;
  private final PhysicalMemory ram;
  private final PageWalker walker;
  private final AccessQueue queue = new AccessQueue();
  private final List<Try> tries = new ArrayList<>();
  private final Consumer<Difference> onDifference;
  private Controls controls = Controls.all().get(0);

  WalkBatch(WalkMachine machine, Consumer<Difference> onDifference) {
    this.machine = machine;
    this.ram = machine.ram();
    this.walker = new PageWalker(ram);
    this.onDifference = onDifference;
  }

  /** Takes as many combinations as there are slots; returns the number of accesses. */
  int fill(Controls with, EntrySource source) {
    controls = with;
    PagingMode mode = with.mode(WalkLayout.PML4);
    queue.clear();
    tries.clear();
    for (int slot = 1; slot <= WalkLayout.SLOTS; slot++) {
      Combination combination = source.next(slot);
      if (combination == null) {
        break;
      }
      storeEntries(slot, combination);
      int first = queue.size();
      List<Expectation> steps = new ArrayList<>(combination.accesses().size());
      for (AccessKind kind : combination.accesses()) {
        Expectation step = Expectation.of(walker, mode, with.cpl(), slot, kind);
        steps.add(step);
        queue.add(ram, step.address(), kind);
      }
      tries.add(new Try(slot, combination, first, steps));
    }
    return queue.size();
  }

  private void storeEntries(int slot, Combination combination) {
    for (PageTableLevel level : LEVELS) {
      ram.store64(new PhysicalAddress(WalkLayout.entryAt(slot, level)), combination.entry(level));
    }
  }

  /** Compares the library's own answer for the first access of each combination. */
  void compareWith(LibraryWalk library) {
    machine.cpu().tlb().invalidateAll();
    for (Try one : tries) {
      Expectation step = one.steps().get(0);
      long expected = step.isAllowed() ? step.physical() : -1;
      same(Aspect.LIBRARY, expected, library.translate(step.address(), step.kind()), step, one);
      storeEntries(one.slot(), one.combination());
    }
  }

  /** Lets the guest make the accesses and compares. */
  void runAndCompare() {
    machine.run(queue);
    for (Try one : tries) {
      long word = ~0L;
      for (int i = 0; i < one.steps().size(); i++) {
        word = compare(one, one.steps().get(i), one.first() + i, word);
      }
      compareMarks(one);
    }
  }

  /**
   * Compares one access.
   *
   * @param written what the accesses before it have written where it goes, -1 for nothing
   * @return the same after it
   */
  private long compare(Try one, Expectation step, int number, long written) {
    AccessQueue.Fault fault = queue.fault(number);
    int vector =
        step.isAllowed()
            ? -1
            : step.outcome() instanceof AccessOutcome.PageFault
                ? TrapFrame.PAGE_FAULT
                : TrapFrame.GENERAL_PROTECTION;
    int raised = fault == null ? -1 : fault.vector();
    if (vector != raised) {
      report(Aspect.VECTOR, -1, vector, raised, step, one);
      return written;
    }
    if (fault != null) {
      if (step.outcome() instanceof AccessOutcome.PageFault expected) {
        same(Aspect.ERROR_CODE, expected.errorCode(), fault.errorCode(), step, one);
        same(Aspect.FAULT_ADDRESS, step.address(), fault.address(), step, one);
      }
      long instruction = WalkMachine.instruction(step.kind(), step.address());
      same(Aspect.INSTRUCTION, instruction, fault.rip(), step, one);
      return written;
    }
    return compareData(one, step, number, written);
  }

  private long compareData(Try one, Expectation step, int number, long written) {
    long physical = step.physical();
    boolean inRam = ram.contains(new PhysicalAddress(physical), Long.BYTES);
    long result = queue.result(ram, number);
    switch (step.kind()) {
      case READ -> {
        long content = written != -1 ? written : physical;
        same(Aspect.DATA, inRam ? content : OPEN_BUS, result, step, one);
        return written;
      }
      case FETCH -> {
        same(Aspect.DATA, WalkMachine.landingCodeResult(physical), result, step, one);
        return written;
      }
      case WRITE -> {
        if (!inRam) {
          return written;
        }
        boolean isLast = !laterWrite(one, number);
        if (isLast) {
          same(Aspect.DATA, queue.written(number), ram.load64(physical), step, one);
          ram.store64(new PhysicalAddress(physical), physical);
        }
        return queue.written(number);
      }
    }
    throw new AssertionError(step);
  }

  private boolean laterWrite(Try one, int number) {
    List<Expectation> steps = one.steps();
    for (int i = number - one.first() + 1; i < steps.size(); i++) {
      if (steps.get(i).kind() == AccessKind.WRITE) {
        return true;
      }
    }
    return false;
  }

  private void compareMarks(Try one) {
    List<Expectation> steps = one.steps();
    for (PageTableLevel level : LEVELS) {
      long required = 0;
      long permitted = 0;
      for (int i = 0; i < steps.size(); i++) {
        required |= steps.get(i).required(WalkLayout.depth(level));
        permitted |= steps.get(i).permitted(WalkLayout.depth(level));
      }
      long before = one.combination().entry(level);
      long after = ram.load64(WalkLayout.entryAt(one.slot(), level));
      boolean hasRequired = (after & required) == required;
      boolean hasNoMore = ((after ^ before) & ~permitted) == 0;
      if (!hasRequired || !hasNoMore) {
        Expectation last = steps.get(steps.size() - 1);
        report(Aspect.MARKS, WalkLayout.depth(level), before | required, after, last, one);
      }
    }
  }

  private void same(Aspect aspect, long expected, long actual, Expectation step, Try one) {
    if (expected != actual) {
      report(aspect, -1, expected, actual, step, one);
    }
  }

  private void report(
      Aspect aspect, int level, long expected, long actual, Expectation step, Try one) {
    onDifference.accept(
        new Difference(aspect, level, expected, actual, step, controls, one.combination()));
  }
}
