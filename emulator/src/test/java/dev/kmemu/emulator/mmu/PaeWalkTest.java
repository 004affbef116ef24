package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.PageTableEntry.ACCESSED;
import static dev.kmemu.emulator.mmu.PageTableEntry.NO_EXECUTE;
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

/** PAE paging; Intel SDM vol. 3A, 4.4. */
class PaeWalkTest {

  private static final long OPEN = PRESENT | WRITABLE | USER;

  /** Not a multiple of 4096: the four PDPTEs need only 32 bytes. */
  private static final long PDPT = 0x1FE0;

  private static final long PD = 0x3000;
  private static final long TABLE = 0x4000;

  /** Index 3 of the PDPTEs, 1 in the directory, 2 in the table. */
  private static final VirtualAddress VA = new VirtualAddress(0xC020_2123L);

  private static final PagingMode NXE = mode(PagingMode.EFER_NXE);

  private final GuestTables tables = new GuestTables();

  @BeforeEach
  void pointToTheTables() {
    tables.store(PDPT + 8 * 3, PD | PRESENT);
    tables.store(PD + 8, TABLE | OPEN);
  }

  private static PagingMode mode(long efer) {
    return PagingMode.of(PagingMode.CR0_PG, PDPT, PagingMode.CR4_PAE, efer, 0);
  }

  private void pte(long entry) {
    tables.store(TABLE + 8 * 2, entry);
  }

  @Test
  void aPteMapsFourKibibytes() {
    pte(0x9000 | OPEN | ACCESSED);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(NXE, VA);
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0x9123));
    assertThat(mapped.accessed()).isTrue();
    assertThat(mapped.levels()).extracting(LevelEntry::index).containsExactly(3, 1, 2);
    assertThat(mapped.levels().get(0).address()).isEqualTo(new PhysicalAddress(0x1FF8));
  }

  @Test
  void aPdpteGrantsNothingAndForbidsNothing() {
    pte(0x9000 | OPEN);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(NXE, VA);
    assertThat(mapped.permissions()).isEqualTo(new Permissions(true, true, true));
    pte(0x9000 | PRESENT | NO_EXECUTE);
    mapped = (Translation.Mapped) tables.walk(NXE, VA);
    assertThat(mapped.permissions()).isEqualTo(new Permissions(false, false, false));
  }

  @Test
  void aPdeMapsTwoMebibytes() {
    tables.store(PD + 8, 3L << 38 | 0x60_0000 | OPEN | PAGE_SIZE);
    Translation.Mapped mapped = (Translation.Mapped) tables.walk(NXE, VA);
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(3L << 38 | 0x60_2123));
    assertThat(mapped.pageBytes()).isEqualTo(2 << 20);
  }

  @Test
  void softwareBitsAboveTheAddressAreReserved() {
    pte(1L << 52 | 0x9000 | OPEN);
    assertThat(reason(tables.walk(NXE, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PT, 1L << 52));
    tables.store(PD + 8, 1L << 62 | TABLE | OPEN);
    assertThat(reason(tables.walk(NXE, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PD, 1L << 62));
  }

  @Test
  void mostBitsOfAPdpteAreReserved() {
    for (int bit : new int[] {1, 2, 5, 6, 7, 8, 40, 52, 62, 63}) {
      tables.store(PDPT + 8 * 3, 1L << bit | PD | PRESENT);
      assertThat(reason(tables.walk(NXE, VA)))
          .isEqualTo(new ReservedBits(PageTableLevel.PDPT, 1L << bit));
    }
    tables.store(PDPT + 8 * 3, 0xE18 | PD | PRESENT);
    assertThat(reason(tables.walk(NXE, VA))).isEqualTo(new NotPresent(PageTableLevel.PT));
  }

  @Test
  void noExecuteIsReservedUntilEferAllowsIt() {
    pte(0x9000 | OPEN | NO_EXECUTE);
    PagingMode without = mode(0);
    assertThat(reason(tables.walk(without, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PT, NO_EXECUTE));
  }

  @Test
  void theMissingLevelIsNamed() {
    tables.store(PDPT + 8 * 3, 0);
    assertThat(reason(tables.walk(NXE, VA))).isEqualTo(new NotPresent(PageTableLevel.PDPT));
  }

  @Test
  void thePdptesMayBeTheLastOfRam() {
    long last = GuestTables.RAM_BYTES - 32;
    tables.store(last + 8 * 3, PD | PRESENT);
    pte(0x9000 | OPEN);
    PagingMode end =
        PagingMode.of(PagingMode.CR0_PG, last, PagingMode.CR4_PAE, PagingMode.EFER_NXE, 0);
    assertThat(tables.walk(end, VA)).isInstanceOf(Translation.Mapped.class);
    PagingMode beyond =
        PagingMode.of(PagingMode.CR0_PG, last + 32, PagingMode.CR4_PAE, PagingMode.EFER_NXE, 0);
    assertThat(reason(tables.walk(beyond, VA))).isInstanceOf(TableOutsideRam.class);
  }

  @Test
  void noMarkIsExpectedInAPdpte() {
    pte(0x9000 | OPEN);
    Translation walk = tables.walk(NXE, VA);
    AccessOutcome allowed = AccessCheck.check(NXE, walk, AccessKind.READ, 0);
    assertThat(EntryMarks.permitted(walk, allowed, AccessKind.READ, 0)).isZero();
    assertThat(EntryMarks.required(walk, allowed, AccessKind.READ, 1)).isEqualTo(ACCESSED);
  }

  @Test
  void theReportShowsWhatIsThere() {
    assertThat(WalkReport.of(NXE, VA, tables.walk(NXE, VA)))
        .isEqualTo(
            """
            0x00000000c0202123, page-directory-pointer table at 0x1fe0
            PDPTE [  3] at 0x1ff8 = 0x0000000000003001  present
            PDE   [  1] at 0x3008 = 0x0000000000004007  present, writable, user
            PTE   [  2] at 0x4010 = 0x0000000000000000  empty
            not mapped: the PTE isn't present
            """);
  }

  private static TranslationMiss reason(Translation translation) {
    return ((Translation.NotMapped) translation).reason();
  }
}
