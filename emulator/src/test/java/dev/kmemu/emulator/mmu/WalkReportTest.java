package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.GuestTables.VA;
import static dev.kmemu.emulator.mmu.PageTableEntry.ACCESSED;
import static dev.kmemu.emulator.mmu.PageTableEntry.CACHE_DISABLE;
import static dev.kmemu.emulator.mmu.PageTableEntry.DIRTY;
import static dev.kmemu.emulator.mmu.PageTableEntry.GLOBAL;
import static dev.kmemu.emulator.mmu.PageTableEntry.NO_EXECUTE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PAGE_SIZE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PAT;
import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITABLE;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITE_THROUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.Test;

class WalkReportTest {

  private final GuestTables tables = new GuestTables();

  @Test
  void aMappedAddressShowsEveryLevelAndWhereItLeads() {
    tables.pte(0x9000 | PRESENT | WRITABLE | NO_EXECUTE | ACCESSED | DIRTY | GLOBAL);
    assertThat(report(GuestTables.mode(), VA))
        .isEqualTo(
            """
            0x0000018040201123, PML4 table at 0x1000
            PML4E [  3] at 0x1018 = 0x0000000000002007  present, writable, user
            PDPTE [  1] at 0x2008 = 0x0000000000003007  present, writable, user
            PDE   [  1] at 0x3008 = 0x0000000000004007  present, writable, user
            PTE   [  1] at 0x4008 = 0x8000000000009163  present, writable, supervisor, \
            no-execute, accessed, dirty, global
            physical 0x9123, 4 KiB page, supervisor rw-, global
            """);
  }

  @Test
  void aMissSaysWhichEntryIsToBlame() {
    tables.pde(0);
    assertThat(report(GuestTables.mode(), VA))
        .endsWith(
            """
            PDE   [  1] at 0x3008 = 0x0000000000000000  empty
            not mapped: the PDE isn't present
            """);
    tables.pde(1L << 50 | PRESENT);
    assertThat(report(GuestTables.mode(), VA))
        .endsWith("not mapped: the PDE has reserved bits set: 0x4000000000000\n");
    tables.pde(0xFFFFF000L | PRESENT);
    assertThat(report(GuestTables.mode(), VA))
        .endsWith("not mapped: the PT table at 0xfffff000 is outside guest RAM\n");
  }

  @Test
  void largePagesAreNamedBySize() {
    tables.pde(0x600000 | PRESENT | PAGE_SIZE);
    assertThat(report(GuestTables.mode(), VA))
        .endsWith("physical 0x601123, 2 MiB page, supervisor r-x\n");
    tables.pdpte(1L << 30 | PRESENT | PAGE_SIZE);
    assertThat(report(GuestTables.mode(), VA)).contains("page size\n").contains("1 GiB page");
  }

  @Test
  void anAddressThatIsNotCanonicalHasNoLevels() {
    assertThat(report(GuestTables.mode(), new VirtualAddress(1L << 47)))
        .isEqualTo(
            """
            0x0000800000000000, PML4 table at 0x1000
            not mapped: the address isn't canonical: bits 63 to 47 differ
            """);
  }

  @Test
  void otherModesAreNamed() {
    PagingMode off = GuestTables.mode(0, 0, 0);
    assertThat(report(off, new VirtualAddress(0x1234)))
        .isEqualTo("0x0000000000001234, paging is OFF\nphysical 0x1234\n");
    PagingMode five =
        GuestTables.mode(GuestTables.CR0, GuestTables.CR4 | PagingMode.CR4_LA57, GuestTables.EFER);
    assertThat(report(five, VA)).endsWith("paging is FIVE_LEVEL, which can't be walked\n");
  }

  @Test
  void theMemoryTypeBitsAreNamedByWhereTheyAre() {
    long flags = PRESENT | WRITE_THROUGH | CACHE_DISABLE;
    assertThat(PageTableEntry.describe(flags | PAT, PageTableLevel.PT))
        .isEqualTo("present, read-only, supervisor, write-through, cache-disable, PAT");
    assertThat(PageTableEntry.describe(flags | PAT, PageTableLevel.PD))
        .endsWith("cache-disable, page size");
    assertThat(PageTableEntry.describe(2, PageTableLevel.PT)).isEqualTo("not present");
  }

  @Test
  void thereIsNoLevelBelowThePageTable() {
    assertThat(PageTableLevel.PML4.next().next().next()).isEqualTo(PageTableLevel.PT);
    assertThatThrownBy(PageTableLevel.PT::next).isInstanceOf(IllegalStateException.class);
  }

  private String report(PagingMode mode, VirtualAddress address) {
    return WalkReport.of(mode, address, tables.walk(mode, address));
  }
}
