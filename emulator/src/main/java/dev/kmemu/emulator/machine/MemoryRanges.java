package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.debug.MemoryRange;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.LevelEntry;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.TranslationMiss;

/**
 * Ranges of linear addresses that page tables treat alike. A call looks at a limited number of
 * entries, so a range may end where the next is no different.
 */
final class MemoryRanges {

  private static final long LINEAR_32_BITS = 1L << 32;
  private static final long NON_CANONICAL = 1L << 47;

  private final PhysicalMemory ram;
  private final PageWalker walker;
  private final int mostWalks;

  MemoryRanges(PhysicalMemory ram, int mostWalks) {
    this.ram = ram;
    this.walker = new PageWalker(ram);
    this.mostWalks = mostWalks;
  }

  MemoryRange at(PagingMode mode, VirtualAddress address) {
    MemoryRange found = entryAt(mode, address.value());
    long start = found.start().value();
    long last = found.last().value();
    int walks = mostWalks / 2;
    for (; walks > 0 && last != -1L; walks--) {
      MemoryRange next = entryAt(mode, last + 1);
      if (!isAlike(found, next)) {
        break;
      }
      last = next.last().value();
    }
    for (walks = mostWalks / 2; walks > 0 && start != 0; walks--) {
      MemoryRange before = entryAt(mode, start - 1);
      if (!isAlike(found, before)) {
        break;
      }
      start = before.start().value();
    }
    return range(start, last, found.mapped(), found.writable(), found.executable());
  }

  private static boolean isAlike(MemoryRange one, MemoryRange other) {
    return one.mapped() == other.mapped()
        && one.writable() == other.writable()
        && one.executable() == other.executable();
  }

  /** Returns what one entry, or one rule, covers. */
  private MemoryRange entryAt(PagingMode mode, long va) {
    if (mode.kind() != PagingMode.Kind.FOUR_LEVEL
        && Long.compareUnsigned(va, LINEAR_32_BITS) >= 0) {
      return range(LINEAR_32_BITS, -1L, false, false, false);
    }
    if (mode.kind() == PagingMode.Kind.OFF) {
      return inRam(va, 0, LINEAR_32_BITS - 1, 0, true, true);
    }
    Translation translation = walker.walk(mode, new VirtualAddress(va));
    if (translation instanceof Translation.Mapped mapped) {
      long offset = va & (mapped.pageBytes() - 1);
      return inRam(
          va,
          va - offset,
          va - offset + mapped.pageBytes() - 1,
          mapped.physical().value() - offset,
          mapped.permissions().writable(),
          mapped.permissions().executable());
    }
    Translation.NotMapped miss = (Translation.NotMapped) translation;
    if (miss.reason() instanceof TranslationMiss.NonCanonical) {
      return range(NON_CANONICAL, -NON_CANONICAL - 1, false, false, false);
    }
    if (miss.levels().isEmpty()) {
      return mode.kind() == PagingMode.Kind.FOUR_LEVEL
          ? range(
              va < 0 ? -NON_CANONICAL : 0, va < 0 ? -1L : NON_CANONICAL - 1, false, false, false)
          : range(0, LINEAR_32_BITS - 1, false, false, false);
    }
    LevelEntry last = miss.levels().get(miss.levels().size() - 1);
    long covered = last.level().coverage();
    long start = va & -covered;
    return range(start, start + covered - 1, false, false, false);
  }

  /** Cuts a mapping where RAM ends or begins: what is mapped outside it is no memory. */
  private MemoryRange inRam(
      long va, long start, long last, long physical, boolean writable, boolean executable) {
    long at = physical + (va - start);
    long from = ram.end();
    long to = Long.MAX_VALUE;
    if (at < ram.holeStart()) {
      from = 0;
      to = ram.holeStart();
    } else if (at < ram.holeEnd()) {
      from = ram.holeStart();
      to = ram.holeEnd();
    } else if (at < ram.end()) {
      from = ram.holeEnd();
      to = ram.end();
    }
    boolean isRam = ram.contains(at, 1);
    return range(
        start + Math.max(0, from - physical),
        start + Math.min(last - start, to - 1 - physical),
        isRam,
        isRam && writable,
        isRam && executable);
  }

  private static MemoryRange range(
      long start, long last, boolean mapped, boolean writable, boolean executable) {
    return new MemoryRange(
        new VirtualAddress(start), new VirtualAddress(last), mapped, writable, executable);
  }
}
