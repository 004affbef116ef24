package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.GuestTables.PT;
import static dev.kmemu.emulator.mmu.GuestTables.VA;
import static dev.kmemu.emulator.mmu.GuestTables.mode;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import org.junit.jupiter.api.Test;

/** What a debugger's accesses leave behind in the page tables. */
class VirtualMemoryTest {

  private static final long FRAME = 0x8000;
  private static final long LEAF = FRAME | PageTableEntry.PRESENT | PageTableEntry.NO_EXECUTE;

  private final GuestTables tables = new GuestTables().pte(LEAF);
  private final VirtualMemory memory = new VirtualMemory(tables.ram);
  private final byte[] bytes = {1, 2, 3};

  private long leaf() {
    return tables.ram.load64(new PhysicalAddress(PT + 8));
  }

  @Test
  void aWriteMarksThePageUsedAndWritten() {
    assertThat(memory.write(mode(), VA, bytes, 0, 3)).isEqualTo(3);

    assertThat(leaf()).isEqualTo(LEAF | PageTableEntry.ACCESSED | PageTableEntry.DIRTY);
    assertThat(tables.ram.load8(new PhysicalAddress(FRAME + 0x123))).isEqualTo(1);
  }

  @Test
  void aReadLeavesThePageTablesAlone() {
    assertThat(memory.read(mode(), VA, bytes, 0, 3)).isEqualTo(3);

    assertThat(leaf()).isEqualTo(LEAF);
  }

  @Test
  void aWriteToWhatIsNotMappedMarksNothing() {
    tables.pte(LEAF & ~PageTableEntry.PRESENT);

    assertThat(memory.write(mode(), VA, bytes, 0, 3)).isZero();
    assertThat(leaf()).isEqualTo(LEAF & ~PageTableEntry.PRESENT);
  }

  @Test
  void aWriteThroughALargePageMarksItsDirectoryEntry() {
    tables.pde(PageTableEntry.PRESENT | PageTableEntry.PAGE_SIZE);

    assertThat(memory.write(mode(), VA, bytes, 0, 3)).isEqualTo(3);

    assertThat(tables.ram.load64(new PhysicalAddress(GuestTables.PD + 8)))
        .isEqualTo(
            PageTableEntry.PRESENT
                | PageTableEntry.PAGE_SIZE
                | PageTableEntry.ACCESSED
                | PageTableEntry.DIRTY);
  }
}
