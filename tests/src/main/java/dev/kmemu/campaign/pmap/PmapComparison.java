package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.WalkReport;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares a kernel with the model of it, between two operations. */
final class PmapComparison {

  private static final Pattern KERNEL_MAPPING =
      Pattern.compile("mapping of 0x([0-9a-f]+) in kernel_pmap");

  private final PmapKernel kernel;
  private final PmapModel model;
  private final Suspects suspects;
  private final AccessCpu cpu;
  private long checks;

  PmapComparison(PmapKernel kernel, PmapModel model, Suspects suspects, AccessCpu cpu) {
    this.kernel = kernel;
    this.model = model;
    this.suspects = suspects;
    this.cpu = cpu;
  }

  long checks() {
    return checks;
  }

  /** Compares the entry of one address, and what {@code pmap_extract} says of it. */
  @Nullable Failure mapping(int space, int at) {
    checks++;
    ModelMapping expected = model.at(space, at);
    long va = PmapAddresses.at(at);
    long entry = kernel.entry(space, va);
    long wanted = expected == null ? 0 : expected.entry();
    if (entry != wanted) {
      return failure("entry", space, at, entryText(wanted), entryText(entry));
    }
    long extracted = kernel.pmap(space).extract(va);
    long frame = expected == null ? 0 : expected.page.frame;
    return extracted == frame ? null : failure("extract", space, at, hex(frame), hex(extracted));
  }

  /** Compares what is known of one page. */
  @Nullable Failure page(ModelPage page) {
    if (!page.managed) {
      return null;
    }
    checks++;
    VmPage actual = kernel.page(page.number);
    int expectedState = state(page);
    int actualState = state(actual);
    if (expectedState == actualState) {
      return null;
    }
    return Failure.of(
        "page",
        suspects.ofPage(page.number),
        page + " has " + stateText(expectedState),
        stateText(actualState));
  }

  /** Looks for a translation that a flush should have taken from the CPU. */
  @Nullable Failure cached() {
    checks++;
    int at = kernel.cached().firstStale(model);
    if (at < 0) {
      return null;
    }
    int space = PmapAddresses.isUser(at) ? model.current() : PmapModel.KERNEL;
    ModelMapping mapping = model.visible(at);
    String allowed = entryText(mapping == null ? 0 : mapping.entry());
    return failure(
        "stale-tlb",
        space,
        at,
        "a flush of what the CPU used before: " + allowed + " now",
        "none, and the CPU may still use " + entryText(kernel.cached().entry(at)));
  }

  /** Compares how many mappings are wired. */
  @Nullable Failure wired(int space) {
    checks++;
    long actual = kernel.wired(space);
    return actual == model.wired(space)
        ? null
        : Failure.of(
            "wired-count", suspects.last(), model.wired(space) + " in " + name(space), actual);
  }

  /** Compares everything. */
  @Nullable Failure all() {
    for (int space = 0; space <= PmapModel.KERNEL; space++) {
      if (!model.isLive(space)) {
        continue;
      }
      int from = space == PmapModel.KERNEL ? PmapAddresses.FIRST_KERNEL : 0;
      int to = space == PmapModel.KERNEL ? PmapAddresses.COUNT : PmapAddresses.USER_COUNT;
      for (int at = from; at < to; at++) {
        Failure failure = mapping(space, at);
        if (failure != null) {
          return failure;
        }
      }
      Failure failure = wired(space);
      if (failure != null) {
        return failure;
      }
    }
    for (int i = 0; i < PmapVerb.Operands.PAGES; i++) {
      Failure failure = page(model.page(i));
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  /** Tests the VM's own invariants, but for those that ask a kernel map entry behind a mapping. */
  @Nullable Failure invariants() {
    checks++;
    List<Violation> broken = new ArrayList<>();
    for (Violation violation : kernel.vm().check()) {
      if (!isOfSuite(violation)) {
        broken.add(violation);
      }
    }
    if (broken.isEmpty()) {
      return null;
    }
    Violation first = broken.get(0);
    return new Failure(
        "invariant-" + first.invariant(),
        suspects.last(),
        first.object() + ": " + first.expected(),
        first.actual(),
        broken.stream().limit(8).map(Violation::toString).toList());
  }

  private static boolean isOfSuite(Violation violation) {
    Matcher matcher = KERNEL_MAPPING.matcher(violation.object());
    if (!matcher.matches()) {
      return false;
    }
    long va = Long.parseUnsignedLong(matcher.group(1), 16);
    return Long.compareUnsigned(va, PmapAddresses.KERNEL_START) >= 0
        && Long.compareUnsigned(va, PmapAddresses.KERNEL_END) < 0;
  }

  /** Makes a failure of one address, with the page walk. */
  Failure failure(String check, int space, int at, String expected, String actual) {
    long va = PmapAddresses.at(at);
    String where = hex(va) + " in " + name(space) + ": ";
    PagingMode mode = cpu.paging().withCr3(kernel.pmap(space).tables().pml4().value());
    Translation walk = new PageWalker(kernel.vm().ram()).walk(mode, new VirtualAddress(va));
    List<String> details =
        new ArrayList<>(WalkReport.of(mode, new VirtualAddress(va), walk).lines().toList());
    details.add("on the CPU: " + name(model.current()));
    return new Failure(check, suspects.of(space, at), where + expected, actual, details);
  }

  static String name(int space) {
    return PmapVerb.Operands.ON_CPU.format(space);
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** A pmap without PV lists says no more than whether there is a mapping. */
  private int countShown(int mappings) {
    return kernel.vm().pmap().keepsPvLists() ? mappings : Math.min(mappings, 1);
  }

  private static int isMapped(VmPage page) {
    return page.has(PageFlags.MAPPED) ? 1 : 0;
  }

  private int state(ModelPage page) {
    return packed(
        countShown(page.mappings.size()),
        page.writeable,
        page.referenced,
        page.dirty,
        page.isModified());
  }

  private int state(VmPage page) {
    kernel.vm().tokens().vm().get();
    try {
      return packed(
          kernel.vm().pmap().keepsPvLists() ? page.pvCount() : isMapped(page),
          page.has(PageFlags.WRITEABLE),
          page.has(PageFlags.REFERENCED),
          page.dirty() != 0,
          kernel.vm().pmap().mappings().isModified(page));
    } finally {
      kernel.vm().tokens().vm().release();
    }
  }

  private static int packed(
      int mappings, boolean writeable, boolean referenced, boolean dirty, boolean modified) {
    return mappings << 4
        | (writeable ? 1 : 0)
        | (referenced ? 2 : 0)
        | (dirty ? 4 : 0)
        | (modified ? 8 : 0);
  }

  private static String stateText(int state) {
    return (state >> 4)
        + " mappings"
        + ((state & 1) != 0 ? ", WRITEABLE" : "")
        + ((state & 2) != 0 ? ", REFERENCED" : "")
        + ((state & 4) != 0 ? ", dirty" : "")
        + ((state & 8) != 0 ? ", M in a mapping" : "");
  }

  private static String entryText(long entry) {
    if (entry == 0) {
      return "no entry";
    }
    StringBuilder bits = new StringBuilder();
    bits.append(hex(entry & PteBits.FRAME));
    append(bits, entry, PteBits.RW, "RW");
    append(bits, entry, PteBits.U, "U");
    append(bits, entry, PteBits.A, "A");
    append(bits, entry, PteBits.M, "M");
    append(bits, entry, PteBits.G, "G");
    append(bits, entry, PteBits.W, "wired");
    append(bits, entry, PteBits.MANAGED, "managed");
    append(bits, entry, PteBits.NX, "NX");
    if ((entry & PteBits.V) == 0) {
      bits.append(" not present");
    }
    return bits.toString();
  }

  private static void append(StringBuilder text, long entry, long bit, String name) {
    if ((entry & bit) != 0) {
      text.append(' ').append(name);
    }
  }
}
