package dev.kmemu.emulator.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTableScanTest {

  private static final long OPEN = 7;
  private static final long LARGE = 0x80;

  private final GuestTables tables = new GuestTables();

  private List<MappedPage> scan(long limit, boolean complete) {
    List<MappedPage> pages = new ArrayList<>();
    assertThat(new PageTableScan(tables.ram, limit).scan(GuestTables.mode(), pages::add))
        .isEqualTo(complete);
    return pages;
  }

  @Test
  void aPageIsFoundWhereTheWalkerFindsIt() {
    tables.pte(0x9000 | 5 | PageTableEntry.NO_EXECUTE);
    List<MappedPage> pages = scan(100, true);
    assertThat(pages).hasSize(1);
    MappedPage page = pages.get(0);
    assertThat(page.start()).isEqualTo(new VirtualAddress(GuestTables.VA.value() & -4096L));
    var walked = (Translation.Mapped) tables.walk();
    assertThat(page.frame().value()).isEqualTo(walked.physical().value() & -4096L);
    assertThat(page.permissions()).isEqualTo(walked.permissions());
    assertThat(page.bytes()).isEqualTo(4096);
  }

  @Test
  void largePagesAndTheUpperHalfComeInTheOrderOfAddresses() {
    tables.pte(0x9000 | OPEN);
    tables.store(GuestTables.PD + 2 * 8, 0x20_0000 | OPEN | LARGE);
    tables.store(GuestTables.PDPT + 4 * 8, 0x4000_0000L | OPEN | LARGE);
    tables.store(GuestTables.PML4 + 511 * 8, GuestTables.PDPT | OPEN);
    List<MappedPage> pages = scan(100, true);
    assertThat(pages)
        .extracting(MappedPage::bytes)
        .containsExactly(4096L, 1L << 21, 1L << 30, 4096L, 1L << 21, 1L << 30);
    assertThat(pages)
        .extracting(page -> page.start().value())
        .isSortedAccordingTo(Long::compareUnsigned);
    assertThat(pages.get(5).start().value()).isEqualTo(0xFFFF_FF81_0000_0000L);
  }

  @Test
  void whatTheCpuWouldNotUseMapsNothing() {
    tables.pte(0x9000 | OPEN).store(GuestTables.PT + 16, 1L << 45 | OPEN);
    tables.store(GuestTables.PD + 5 * 8, GuestTables.RAM_BYTES | OPEN);
    assertThat(scan(100, true)).hasSize(1);
  }

  @Test
  void tablesThatContainThemselvesEndAtTheLimit() {
    for (int i = 0; i < 512; i++) {
      tables.store(GuestTables.PML4 + i * 8L, GuestTables.PML4 | OPEN);
    }
    assertThat(scan(10_000, false)).hasSizeBetween(9_000, 10_000);
  }

  @Test
  void withoutTablesThereIsNothingToScan() {
    PagingMode off = PagingMode.of(0, 0, 0, 0, 0);
    PageTableScan scan = new PageTableScan(tables.ram, 1);
    assertThatThrownBy(() -> scan.scan(off, page -> {})).hasMessageContaining("paging is OFF");
    assertThatThrownBy(() -> new PageTableScan(tables.ram, 0)).hasMessageContaining("1 entry");
  }
}
