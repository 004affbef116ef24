package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.PageTableEntry.ACCESSED;
import static dev.kmemu.emulator.mmu.PageTableEntry.DIRTY;
import static dev.kmemu.emulator.mmu.PageTableEntry.PAGE_SIZE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static dev.kmemu.emulator.mmu.PageTableEntry.USER;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.TranslationMiss.NotPresent;
import dev.kmemu.emulator.mmu.TranslationMiss.ReservedBits;
import dev.kmemu.emulator.mmu.TranslationMiss.TableOutsideRam;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** 32-bit paging; Intel SDM vol. 3A, 4.3. */
class ThirtyTwoBitWalkTest {

  private static final long OPEN = PRESENT | WRITABLE | USER;
  private static final long DIRECTORY = 0x1000;
  private static final long TABLE = 0x2000;

  /** Index 0x3FF in the directory, 0x201 in the table. */
  private static final VirtualAddress VA = new VirtualAddress(0xFFE0_1123L);

  private static final PagingMode PSE = mode(PagingMode.CR4_PSE);
  private static final PagingMode NO_PSE = mode(0);

  private final GuestTables tables = new GuestTables();

  @BeforeEach
  void pointToTheTable() {
    pde(TABLE | OPEN);
  }

  private static PagingMode mode(long cr4) {
    return PagingMode.of(PagingMode.CR0_PG, DIRECTORY, cr4, 0, 0);
  }

  private void pde(long entry) {
    tables.ram.store32(new PhysicalAddress(DIRECTORY + 4 * 0x3FF), (int) entry);
  }

  private void pte(long entry) {
    tables.ram.store32(new PhysicalAddress(TABLE + 4 * 0x201), (int) entry);
  }

  @Test
  void aPteMapsFourKibibytes() {
    pte(0x9000 | OPEN | DIRTY);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(PSE, VA);
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0x9123));
    assertThat(mapped.pageBytes()).isEqualTo(4096);
    assertThat(mapped.permissions()).isEqualTo(new Permissions(true, true, true));
    assertThat(mapped.dirty()).isTrue();
    assertThat(mapped.levels()).extracting(LevelEntry::index).containsExactly(0x3FF, 0x201);
    assertThat(mapped.levels())
        .extracting(entry -> entry.address().value())
        .containsExactly(0x1FFCL, 0x2804L);
  }

  @Test
  void neighboursInTheSameWordAreApart() {
    tables.store(TABLE + 8 * 0x100, 0xA000L << 32 | OPEN << 32 | 0xB000 | OPEN);
    assertThat(tables.walker.translate(PSE, 0xFFE0_0000L)).isEqualTo(0xB000);
    assertThat(tables.walker.translate(PSE, 0xFFE0_1000L)).isEqualTo(0xA000);
  }

  @Test
  void aPdeMapsFourMebibytesIfPseAllows() {
    pde(0x80_0000 | OPEN | PAGE_SIZE);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(PSE, VA);
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0xA0_1123));
    assertThat(mapped.pageBytes()).isEqualTo(4 << 20);
    pde(TABLE | OPEN | PAGE_SIZE);
    pte(0x9000 | OPEN);
    assertThat(tables.walker.translate(NO_PSE, VA.value())).isEqualTo(0x9123);
  }

  @Test
  void bitsThirteenToTwentyOfALargePdeAreTheFramesUpperBits() {
    pde(0x80_0000 | 0x81 << 13 | OPEN | PAGE_SIZE);
    assertThat(tables.walker.translate(PSE, VA.value())).isEqualTo(0x81L << 32 | 0xA0_1123);
  }

  @Test
  void whatMaxphyaddrDoesNotReachIsReserved() {
    pde(0x80_0000 | 1 << 21 | OPEN | PAGE_SIZE);
    assertThat(reason(tables.walk(PSE, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PD, 1 << 21));
    PagingMode narrow = new PagingMode(PagingMode.CR0_PG, DIRECTORY, PagingMode.CR4_PSE, 0, 0, 36);
    pde(0x80_0000 | 0x3 << 16 | OPEN | PAGE_SIZE);
    assertThat(reason(tables.walk(narrow, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PD, 1 << 17));
  }

  @Test
  void bothLevelsMustAllow() {
    pde(TABLE | PRESENT | USER);
    pte(0x9000 | PRESENT | WRITABLE);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(PSE, VA);
    assertThat(mapped.permissions()).isEqualTo(new Permissions(false, false, true));
  }

  @Test
  void theMissingLevelIsNamed() {
    assertThat(reason(tables.walk(PSE, VA))).isEqualTo(new NotPresent(PageTableLevel.PT));
    pde(0);
    assertThat(reason(tables.walk(PSE, VA))).isEqualTo(new NotPresent(PageTableLevel.PD));
    pde(0xFFFF_F000L | OPEN);
    assertThat(reason(tables.walk(PSE, VA)))
        .isEqualTo(new TableOutsideRam(PageTableLevel.PT, new PhysicalAddress(0xFFFF_F000L)));
  }

  @Test
  void addressesHaveThirtyTwoBits() {
    pte(0x9000 | OPEN);
    assertThat(tables.walker.translate(PSE, VA.value() | -1L << 32)).isEqualTo(0x9123);
  }

  @Test
  void aWriteMarksItsEntryAndNoNeighbour() {
    tables.store(TABLE + 8 * 0x100, 0xA000L << 32 | OPEN << 32 | 0xB000 | OPEN);
    assertThat(tables.walker.translateForWrite(PSE, 0xFFE0_1000L)).isEqualTo(0xA000);
    assertThat(tables.ram.load64(TABLE + 8 * 0x100))
        .isEqualTo((0xA000L | OPEN | ACCESSED | DIRTY) << 32 | 0xB000 | OPEN);
  }

  @Test
  void aFetchIsMarkedOnlyUnderSmep() {
    PagingMode nxe = PagingMode.of(PagingMode.CR0_PG, DIRECTORY, 0, PagingMode.EFER_NXE, 0);
    PagingMode smep = mode(PagingMode.CR4_SMEP);
    assertThat(AccessCheck.check(nxe, tables.walk(nxe, VA), AccessKind.FETCH, 3))
        .isEqualTo(new AccessOutcome.PageFault(0b00100));
    assertThat(AccessCheck.check(smep, tables.walk(smep, VA), AccessKind.FETCH, 3))
        .isEqualTo(new AccessOutcome.PageFault(0b10100));
  }

  @Test
  void theReportShowsWhatIsThere() {
    pte(0x9000 | OPEN);
    assertThat(WalkReport.of(PSE, VA, tables.walk(PSE, VA)))
        .isEqualTo(
            """
            0x00000000ffe01123, page directory at 0x1000
            PDE   [1023] at 0x1ffc = 0x00002007  present, writable, user
            PTE   [ 513] at 0x2804 = 0x00009007  present, writable, user
            physical 0x9123, 4 KiB page, user rwx
            """);
  }

  private static TranslationMiss reason(Translation translation) {
    return ((Translation.NotMapped) translation).reason();
  }
}
