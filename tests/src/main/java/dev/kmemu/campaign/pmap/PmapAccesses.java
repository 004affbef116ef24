package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.guest.GuestWindow;
import dev.kmemu.emulator.cpu.TrapFrame;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes guest accesses, and compares what comes of them with the model. */
final class PmapAccesses {

  private final PmapKernel kernel;
  private final PmapModel model;
  private final AccessCpu cpu;
  private final PmapComparison comparison;
  private final PmapFeatures features;
  private final int[] pages = new int[GuestWindow.CAPACITY];
  private final int[] outcomes = new int[GuestWindow.CAPACITY];
  private final long[] results = new long[GuestWindow.CAPACITY];
  private int size;
  private long stamp;
  private long made;
  private @Nullable Consumer<String> listener;

  PmapAccesses(
      PmapKernel kernel,
      PmapModel model,
      AccessCpu cpu,
      PmapComparison comparison,
      PmapFeatures features) {
    this.kernel = kernel;
    this.model = model;
    this.cpu = cpu;
    this.comparison = comparison;
    this.features = features;
  }

  void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
  }

  /** Returns how many accesses were made. */
  long made() {
    return made;
  }

  /** Makes one access. */
  @Nullable Failure one(AccessType type, boolean user, int at) {
    if (isImpossible(user)) {
      return null;
    }
    begin();
    add(type, user, at);
    return finish(type, user);
  }

  /** Makes an access to every address that the CPU may see. */
  @Nullable Failure all(AccessType type, boolean user) {
    if (isImpossible(user)) {
      return null;
    }
    begin();
    for (int at = 0; at < PmapAddresses.COUNT; at++) {
      add(type, user, at);
    }
    return finish(type, user);
  }

  /** On {@code kernel_pmap} no user program runs. */
  private boolean isImpossible(boolean user) {
    return user && model.current() == PmapModel.KERNEL;
  }

  private void begin() {
    cpu.clear();
    size = 0;
  }

  /** The model goes on as if the access had been made: those of a run come one after the other. */
  private void add(AccessType type, boolean user, int at) {
    ModelMapping mapping = model.visible(at);
    int outcome = PmapModel.outcome(mapping, type, user);
    long value = ++stamp;
    int number = cpu.add(type, PmapAddresses.at(at) + PageImage.offset(type, at), value);
    features.access(kernel.entry(spaceOf(at), PmapAddresses.at(at)), type, user, outcome);
    pages[number] = at;
    outcomes[number] = outcome;
    if (mapping != null && outcome == PmapModel.ALLOWED) {
      PmapModel.note(mapping, type);
      kernel.cached().use(at, mapping);
      int word = PageImage.wordOf(at);
      if (type == AccessType.STORE) {
        mapping.page.words[word] = value;
      }
      results[number] =
          type == AccessType.FETCH ? PageImage.frameNumber(mapping.page) : mapping.page.words[word];
    }
    size++;
  }

  private @Nullable Failure finish(AccessType type, boolean user) {
    cpu.run(user);
    made += size;
    for (int i = 0; i < size; i++) {
      Failure failure = compare(i, type, user);
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  private @Nullable Failure compare(int number, AccessType type, boolean user) {
    int at = pages[number];
    int expected = outcomes[number];
    int vector = cpu.vector(number);
    if (expected != PmapModel.ALLOWED) {
      long address = PmapAddresses.at(at) + PageImage.offset(type, at);
      boolean same =
          vector == TrapFrame.PAGE_FAULT
              && cpu.errorCode(number) == expected
              && cpu.faultAddress(number) == address;
      explain(number, type, user);
      return same ? null : failure(number, type, user);
    }
    explain(number, type, user);
    if (vector != AccessCpu.NONE) {
      return failure(number, type, user);
    }
    long result = type == AccessType.STORE ? stored(at) : cpu.result(number);
    return result == results[number] || isOverwritten(number, type)
        ? null
        : failure(number, type, user);
  }

  /** Returns what is in the page of an address now. */
  private long stored(int at) {
    ModelMapping mapping = model.visible(at);
    return mapping == null
        ? 0
        : PageImage.word(kernel.vm().ram(), mapping.page, PageImage.wordOf(at));
  }

  /** Whether a later store of the same run went to the same word. */
  private boolean isOverwritten(int number, AccessType type) {
    ModelMapping mapping = model.visible(pages[number]);
    return type == AccessType.STORE
        && mapping != null
        && stored(pages[number]) == mapping.page.words[PageImage.wordOf(pages[number])];
  }

  private Failure failure(int number, AccessType type, boolean user) {
    int at = pages[number];
    return comparison.failure(
        "access", spaceOf(at), at, expectedText(number, type, user), actualText(number, type));
  }

  private void explain(int number, AccessType type, boolean user) {
    Consumer<String> told = listener;
    if (told != null && size == 1) {
      told.accept("expected " + expectedText(number, type, user));
      told.accept("got      " + actualText(number, type));
    }
  }

  private String expectedText(int number, AccessType type, boolean user) {
    String access = (user ? "ring 3 " : "ring 0 ") + type.name().toLowerCase(java.util.Locale.ROOT);
    return access
        + ": "
        + (outcomes[number] == PmapModel.ALLOWED
            ? resultText(type, results[number])
            : PmapFeatures.faultLabel(outcomes[number]));
  }

  private String actualText(int number, AccessType type) {
    int vector = cpu.vector(number);
    if (vector == TrapFrame.PAGE_FAULT) {
      return PmapFeatures.faultLabel(cpu.errorCode(number))
          + String.format(" at 0x%x", cpu.faultAddress(number));
    }
    return vector == AccessCpu.NONE
        ? resultText(type, type == AccessType.STORE ? stored(pages[number]) : cpu.result(number))
        : "exception " + vector;
  }

  private static String resultText(AccessType type, long result) {
    return switch (type) {
      case LOAD -> String.format("reads 0x%x", result);
      case STORE -> String.format("the page has 0x%x", result);
      case FETCH -> String.format("runs code of frame 0x%x", result);
    };
  }

  private int spaceOf(int at) {
    return PmapAddresses.isUser(at) ? model.current() : PmapModel.KERNEL;
  }
}
