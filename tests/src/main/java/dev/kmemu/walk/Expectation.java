package dev.kmemu.walk;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessCheck;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.emulator.mmu.EntryMarks;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.Translation;

/**
 * What the Java walk says of an access before it is made.
 *
 * @param address the linear address
 * @param kind what is done there
 * @param walk the walk
 * @param outcome what becomes of it
 */
record Expectation(long address, AccessKind kind, Translation walk, AccessOutcome outcome) {

  static Expectation of(PageWalker walker, PagingMode mode, int cpl, int slot, AccessKind kind) {
    long address = WalkLayout.address(slot, kind);
    Translation walk = walker.walk(mode, new VirtualAddress(address));
    return new Expectation(address, kind, walk, AccessCheck.check(mode, walk, kind, cpl));
  }

  boolean isAllowed() {
    return outcome == AccessOutcome.Allowed.INSTANCE;
  }

  /** Returns the physical address, or -1 without one. */
  long physical() {
    return walk instanceof Translation.Mapped mapped ? mapped.physical().value() : -1;
  }

  /** Returns A and D as far as the entry of a level must have them after the access. */
  long required(int level) {
    return level < walk.levels().size() ? EntryMarks.required(walk, outcome, kind, level) : 0;
  }

  /** Returns A and D as far as the entry of a level may have got them. */
  long permitted(int level) {
    return level < walk.levels().size() ? EntryMarks.permitted(walk, outcome, kind, level) : 0;
  }
}
