package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;

/** Why an address has no translation. Its {@code toString} is a phrase for people. */
public sealed interface TranslationMiss {

  /**
   * Bits 63 to 47 aren't all equal: the CPU raises #GP or #SS and reads no table.
   *
   * @param address the address
   */
  record NonCanonical(VirtualAddress address) implements TranslationMiss {
    @Override
    public String toString() {
      return "the address isn't canonical: bits 63 to 47 differ";
    }
  }

  /**
   * An entry has P clear.
   *
   * @param level where the walk ended
   */
  record NotPresent(PageTableLevel level) implements TranslationMiss {
    @Override
    public String toString() {
      return "the " + level.entryName() + " isn't present";
    }
  }

  /**
   * A present entry has reserved bits set.
   *
   * @param level where the walk ended
   * @param bits those of its reserved bits that are set
   */
  record ReservedBits(PageTableLevel level, long bits) implements TranslationMiss {
    @Override
    public String toString() {
      return String.format("the %s has reserved bits set: 0x%x", level.entryName(), bits);
    }
  }

  /**
   * The walk would have to read a table that isn't in RAM. What a CPU does there isn't defined.
   *
   * @param level the level of the table
   * @param table the table's physical address
   */
  record TableOutsideRam(PageTableLevel level, PhysicalAddress table) implements TranslationMiss {
    @Override
    public String toString() {
      return "the " + level + " table at " + table + " is outside guest RAM";
    }
  }

  /**
   * The CPU translates in a way that this walker doesn't know.
   *
   * @param kind how it translates
   */
  record UnsupportedPaging(PagingMode.Kind kind) implements TranslationMiss {
    @Override
    public String toString() {
      return "paging is " + kind + ", which can't be walked";
    }
  }
}
