package dev.kmemu.emulator.mmu;

import static dev.kmemu.emulator.mmu.GuestTables.CR0;
import static dev.kmemu.emulator.mmu.GuestTables.CR4;
import static dev.kmemu.emulator.mmu.GuestTables.EFER;
import static dev.kmemu.emulator.mmu.GuestTables.VA;
import static dev.kmemu.emulator.mmu.PageTableEntry.ACCESSED;
import static dev.kmemu.emulator.mmu.PageTableEntry.DIRTY;
import static dev.kmemu.emulator.mmu.PageTableEntry.GLOBAL;
import static dev.kmemu.emulator.mmu.PageTableEntry.NO_EXECUTE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PAGE_SIZE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PAT_LARGE;
import static dev.kmemu.emulator.mmu.PageTableEntry.PRESENT;
import static dev.kmemu.emulator.mmu.PageTableEntry.USER;
import static dev.kmemu.emulator.mmu.PageTableEntry.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode.Kind;
import dev.kmemu.emulator.mmu.TranslationMiss.NonCanonical;
import dev.kmemu.emulator.mmu.TranslationMiss.NotPresent;
import dev.kmemu.emulator.mmu.TranslationMiss.ReservedBits;
import dev.kmemu.emulator.mmu.TranslationMiss.TableOutsideRam;
import dev.kmemu.emulator.mmu.TranslationMiss.UnsupportedPaging;
import org.junit.jupiter.api.Test;

class PageWalkerTest {

  private static final long OPEN = PRESENT | WRITABLE | USER;

  private final GuestTables tables = new GuestTables();

  @Test
  void aPteMapsFourKibibytes() {
    Translation.Mapped mapped = mapped(tables.pte(0x9000 | OPEN | ACCESSED).walk());
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0x9123));
    assertThat(mapped.pageBytes()).isEqualTo(4096);
    assertThat(mapped.accessed()).isTrue();
    assertThat(mapped.dirty()).isFalse();
    assertThat(mapped.levels())
        .extracting(LevelEntry::level)
        .containsExactly(PageTableLevel.values());
    assertThat(mapped.levels())
        .extracting(entry -> entry.address().value())
        .containsExactly(0x1018L, 0x2008L, 0x3008L, 0x4008L);
    assertThat(mapped.levels().get(3).value()).isEqualTo(0x9000 | OPEN | ACCESSED);
  }

  @Test
  void aPdeWithPageSizeMapsTwoMebibytes() {
    Translation.Mapped mapped =
        mapped(tables.pde(0x600000 | OPEN | PAGE_SIZE | PAT_LARGE | DIRTY).walk());
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0x601123));
    assertThat(mapped.pageBytes()).isEqualTo(2 << 20);
    assertThat(mapped.dirty()).isTrue();
    assertThat(mapped.levels()).hasSize(3);
  }

  @Test
  void aPdpteWithPageSizeMapsOneGibibyte() {
    Translation.Mapped mapped = mapped(tables.pdpte(2L << 30 | OPEN | PAGE_SIZE).walk());
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(2L << 30 | 1 << 21 | 0x1123));
    assertThat(mapped.pageBytes()).isEqualTo(1 << 30);
    assertThat(mapped.levels()).hasSize(2);
  }

  @Test
  void bitSevenOfAPteIsPatAndNotPageSize() {
    assertThat(mapped(tables.pte(0x9000 | OPEN | PageTableEntry.PAT).walk()).pageBytes())
        .isEqualTo(4096);
  }

  @Test
  void everyLevelMustAllowWritingAndUserAccessAndFetching() {
    tables.pte(0x9000 | OPEN);
    assertThat(mapped(tables.walk()).permissions()).isEqualTo(new Permissions(true, true, true));
    tables.pml4e(GuestTables.PDPT | PRESENT | USER);
    assertThat(mapped(tables.walk()).permissions()).isEqualTo(new Permissions(false, true, true));
    tables.pdpte(GuestTables.PD | PRESENT | WRITABLE);
    assertThat(mapped(tables.walk()).permissions()).isEqualTo(new Permissions(false, false, true));
    tables.pde(GuestTables.PT | OPEN | NO_EXECUTE);
    assertThat(mapped(tables.walk()).permissions()).isEqualTo(new Permissions(false, false, false));
  }

  @Test
  void aGlobalPageIsGlobalOnlyWhenCr4AllowsIt() {
    tables.pte(0x9000 | OPEN | GLOBAL);
    assertThat(mapped(tables.walk()).global()).isTrue();
    PagingMode without = GuestTables.mode(CR0, PagingMode.CR4_PAE, EFER);
    assertThat(mapped(tables.walk(without, VA)).global()).isFalse();
  }

  @Test
  void aWalkLeavesAccessedAndDirtyAlone() {
    tables.pte(0x9000 | OPEN).walk();
    assertThat(tables.ram.load64(new PhysicalAddress(0x4008))).isEqualTo(0x9000 | OPEN);
    assertThat(tables.ram.load64(new PhysicalAddress(0x1018))).isEqualTo(0x2000 | OPEN);
  }

  @Test
  void theMissingLevelIsNamed() {
    assertThat(reason(tables.walk())).isEqualTo(new NotPresent(PageTableLevel.PT));
    assertThat(tables.walk().levels()).hasSize(4);
    tables.pde(~PRESENT);
    assertThat(reason(tables.walk())).isEqualTo(new NotPresent(PageTableLevel.PD));
    tables.pdpte(0);
    assertThat(reason(tables.walk())).isEqualTo(new NotPresent(PageTableLevel.PDPT));
    tables.pml4e(0);
    assertThat(reason(tables.walk())).isEqualTo(new NotPresent(PageTableLevel.PML4));
    assertThat(tables.walk().levels()).hasSize(1);
  }

  @Test
  void addressBitsAboveMaxphyaddrAreReservedAtEveryLevel() {
    tables.pte(1L << 40 | 0x9000 | OPEN);
    assertThat(reason(tables.walk())).isEqualTo(new ReservedBits(PageTableLevel.PT, 1L << 40));
    tables.pml4e(3L << 50 | GuestTables.PDPT | OPEN);
    assertThat(reason(tables.walk())).isEqualTo(new ReservedBits(PageTableLevel.PML4, 3L << 50));
  }

  @Test
  void softwareBitsAboveTheAddressAreNotReserved() {
    assertThat(mapped(tables.pte(0x7FFL << 52 | 0x9000 | OPEN).walk()).physical())
        .isEqualTo(new PhysicalAddress(0x9123));
  }

  @Test
  void pageSizeIsReservedInAPml4e() {
    tables.pml4e(GuestTables.PDPT | OPEN | PAGE_SIZE);
    assertThat(reason(tables.walk())).isEqualTo(new ReservedBits(PageTableLevel.PML4, PAGE_SIZE));
  }

  @Test
  void aLargePageMustBeAligned() {
    tables.pde(0x603000 | OPEN | PAGE_SIZE);
    assertThat(reason(tables.walk())).isEqualTo(new ReservedBits(PageTableLevel.PD, 0x2000));
    tables.pdpte(0x20000000 | OPEN | PAGE_SIZE);
    assertThat(reason(tables.walk())).isEqualTo(new ReservedBits(PageTableLevel.PDPT, 0x20000000));
  }

  @Test
  void noExecuteIsReservedUntilEferAllowsIt() {
    tables.pte(0x9000 | OPEN | NO_EXECUTE);
    PagingMode without = GuestTables.mode(CR0, CR4, PagingMode.EFER_LME);
    assertThat(reason(tables.walk(without, VA)))
        .isEqualTo(new ReservedBits(PageTableLevel.PT, NO_EXECUTE));
    assertThat(mapped(tables.walk()).permissions().executable()).isFalse();
  }

  @Test
  void aTableOutsideRamEndsTheWalk() {
    tables.pde(GuestTables.RAM_BYTES | OPEN);
    assertThat(reason(tables.walk()))
        .isEqualTo(
            new TableOutsideRam(PageTableLevel.PT, new PhysicalAddress(GuestTables.RAM_BYTES)));
    PagingMode lost = PagingMode.of(CR0, 0xFFFFF000L, CR4, EFER, 0);
    assertThat(reason(tables.walk(lost, VA)))
        .isEqualTo(new TableOutsideRam(PageTableLevel.PML4, new PhysicalAddress(0xFFFFF000L)));
    assertThat(tables.walk(lost, VA).levels()).isEmpty();
  }

  @Test
  void theLastTableOfRamCanBeWalked() {
    long last = GuestTables.RAM_BYTES - 4096;
    tables.pde(last | OPEN).store(last + 8, 0x9000 | OPEN);
    assertThat(mapped(tables.walk()).physical()).isEqualTo(new PhysicalAddress(0x9123));
  }

  @Test
  void anAddressThatIsNotCanonicalReadsNoTable() {
    VirtualAddress hole = new VirtualAddress(1L << 47);
    assertThat(reason(tables.walk(GuestTables.mode(), hole))).isEqualTo(new NonCanonical(hole));
    assertThat(tables.walk(GuestTables.mode(), hole).levels()).isEmpty();
  }

  @Test
  void theUpperHalfUsesTheUpperHalfOfTheTopTable() {
    tables.store(GuestTables.PML4 + 511 * 8, GuestTables.PDPT | OPEN).pte(0x9000 | OPEN);
    VirtualAddress high = new VirtualAddress(511L << 39 | 0xFFFFL << 48 | VA.value() << 25 >>> 25);
    assertThat(mapped(tables.walk(GuestTables.mode(), high)).physical())
        .isEqualTo(new PhysicalAddress(0x9123));
  }

  @Test
  void bitsOfCr3ThatAreNoAddressAreIgnored() {
    tables.pte(0x9000 | OPEN);
    PagingMode pcid = PagingMode.of(CR0, 1L << 63 | GuestTables.PML4 | 0xFFF, CR4, EFER, 0);
    assertThat(mapped(tables.walk(pcid, VA)).physical()).isEqualTo(new PhysicalAddress(0x9123));
  }

  @Test
  void withoutPagingAnAddressIsItself() {
    PagingMode off = GuestTables.mode(1, 0, 0);
    Translation.Mapped mapped = mapped(tables.walk(off, new VirtualAddress(0xFFFFFFFF00001234L)));
    assertThat(mapped.physical()).isEqualTo(new PhysicalAddress(0x1234));
    assertThat(mapped.levels()).isEmpty();
  }

  @Test
  void fiveLevelPagingIsNamedAndNotGuessed() {
    PagingMode five = GuestTables.mode(CR0, CR4 | PagingMode.CR4_LA57, EFER);
    assertThat(reason(tables.walk(five, VA))).isEqualTo(new UnsupportedPaging(Kind.FIVE_LEVEL));
  }

  @Test
  void theKindFollowsFromTheControlRegisters() {
    assertThat(GuestTables.mode(CR0, 0, 0).kind()).isEqualTo(Kind.TWO_LEVEL);
    assertThat(GuestTables.mode(CR0, CR4, 0).kind()).isEqualTo(Kind.PAE);
    assertThat(GuestTables.mode(CR0, CR4 | PagingMode.CR4_LA57, EFER).kind())
        .isEqualTo(Kind.FIVE_LEVEL);
  }

  @Test
  void maxphyaddrHasLimits() {
    assertThatThrownBy(() -> new PagingMode(0, 0, 0, 0, 0, 53)).hasMessageContaining("36 to 52");
    assertThatThrownBy(() -> new PagingMode(0, 0, 0, 0, 0, 35)).hasMessageContaining("got 35");
  }

  static Translation.Mapped mapped(Translation translation) {
    assertThat(translation).isInstanceOf(Translation.Mapped.class);
    return (Translation.Mapped) translation;
  }

  private static TranslationMiss reason(Translation translation) {
    assertThat(translation).isInstanceOf(Translation.NotMapped.class);
    return ((Translation.NotMapped) translation).reason();
  }
}
