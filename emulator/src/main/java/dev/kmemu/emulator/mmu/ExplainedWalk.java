package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.TranslationMiss.NonCanonical;
import dev.kmemu.emulator.mmu.TranslationMiss.NotPresent;
import dev.kmemu.emulator.mmu.TranslationMiss.ReservedBits;
import dev.kmemu.emulator.mmu.TranslationMiss.TableOutsideRam;
import java.util.ArrayList;
import java.util.List;

/** A walk that keeps the entries it read and says why it ended. */
final class ExplainedWalk {

  private final PhysicalMemory ram;
  private final PagingMode mode;
  private final TableFormat format;
  private final List<LevelEntry> levels = new ArrayList<>(4);

  ExplainedWalk(PhysicalMemory ram, PagingMode mode, TableFormat format) {
    this.ram = ram;
    this.mode = mode;
    this.format = format;
  }

  Translation walk(VirtualAddress address) {
    if (format == TableFormat.FOUR_LEVEL && !address.isCanonical()) {
      return miss(new NonCanonical(address));
    }
    long va = address.value();
    long every = -1L;
    long any = 0;
    PageTableLevel level = format.top();
    long table = format.topTable(mode.cr3());
    while (true) {
      if (!ram.contains(table, format.tableBytes(level))) {
        return miss(new TableOutsideRam(level, new PhysicalAddress(table)));
      }
      int index = format.index(level, va);
      long at = table + format.entryBytes() * (long) index;
      long entry = format.load(ram, at);
      levels.add(new LevelEntry(level, index, new PhysicalAddress(at), entry));
      if (!PageTableEntry.isPresent(entry)) {
        return miss(new NotPresent(level));
      }
      long reserved = entry & format.reservedBits(mode, entry, level);
      if (reserved != 0) {
        return miss(new ReservedBits(level, reserved));
      }
      every &= format.permissions(entry, level);
      any |= entry;
      if (format.isLeaf(mode, entry, level)) {
        return mapped(va, level, entry, permissions(every, any));
      }
      table = format.table(entry);
      level = level.next();
    }
  }

  private Translation mapped(long va, PageTableLevel level, long leaf, Permissions permissions) {
    long bytes = format.coverage(level);
    return new Translation.Mapped(
        new PhysicalAddress(format.frame(leaf, level) | (va & (bytes - 1))),
        bytes,
        permissions,
        mode.hasGlobalPages() && (leaf & PageTableEntry.GLOBAL) != 0,
        (leaf & PageTableEntry.ACCESSED) != 0,
        (leaf & PageTableEntry.DIRTY) != 0,
        List.copyOf(levels));
  }

  static Permissions permissions(long every, long any) {
    return new Permissions(
        (every & PageTableEntry.WRITABLE) != 0,
        (every & PageTableEntry.USER) != 0,
        (any & PageTableEntry.NO_EXECUTE) == 0);
  }

  private Translation miss(TranslationMiss reason) {
    return new Translation.NotMapped(reason, List.copyOf(levels));
  }
}
