package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.PageTableEntry.ACCESSED;
import static dev.kmemu.emulator.mmu.PageTableEntry.DIRTY;
import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EntryMarksTest {

  private static final long PAGE = 0x9000 | PRESENT;

  private final GuestTables tables = new GuestTables();

  private long[] required(AccessKind access, int cpl) {
    Translation walk = tables.walk();
    AccessOutcome outcome = AccessCheck.check(GuestTables.mode(), walk, access, cpl);
    long[] marks = new long[walk.levels().size()];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = EntryMarks.required(walk, outcome, access, i);
    }
    return marks;
  }

  private long[] permitted(AccessKind access, int cpl) {
    Translation walk = tables.walk();
    AccessOutcome outcome = AccessCheck.check(GuestTables.mode(), walk, access, cpl);
    long[] marks = new long[walk.levels().size()];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = EntryMarks.permitted(walk, outcome, access, i);
    }
    return marks;
  }

  @Test
  void aReadMarksEveryEntryAccessed() {
    tables.pte(PAGE);
    long[] marks = {ACCESSED, ACCESSED, ACCESSED, ACCESSED};
    assertThat(required(AccessKind.READ, 0)).isEqualTo(marks);
    assertThat(permitted(AccessKind.READ, 0)).isEqualTo(marks);
  }

  @Test
  void aWriteMarksTheLastEntryDirty() {
    tables.pte(PAGE | PageTableEntry.WRITABLE);
    assertThat(required(AccessKind.WRITE, 0))
        .containsExactly(ACCESSED, ACCESSED, ACCESSED, ACCESSED | DIRTY);
    tables.pde(0x200000 | PRESENT | PageTableEntry.WRITABLE | PageTableEntry.PAGE_SIZE);
    assertThat(required(AccessKind.WRITE, 0)).containsExactly(ACCESSED, ACCESSED, ACCESSED | DIRTY);
  }

  @Test
  void aForbiddenAccessNeedNotMarkAndNeverMarksDirty() {
    tables.pte(PAGE);
    assertThat(required(AccessKind.WRITE, 3)).containsOnly(0);
    assertThat(permitted(AccessKind.WRITE, 3)).containsOnly(ACCESSED);
  }

  @Test
  void theEntryThatEndsAWalkStaysAsItIs() {
    tables.pte(0x9000);
    assertThat(permitted(AccessKind.READ, 0)).containsExactly(ACCESSED, ACCESSED, ACCESSED, 0);
    tables.pde(1L << 45 | PRESENT);
    assertThat(permitted(AccessKind.READ, 0)).containsExactly(ACCESSED, ACCESSED, 0);
  }

  @Test
  void theEntryOfATableOutsideRamMayBeMarked() {
    tables.pde(0xFFFFF000L | PRESENT);
    assertThat(permitted(AccessKind.READ, 0)).containsExactly(ACCESSED, ACCESSED, ACCESSED);
  }
}
