package dev.kmemu.emulator.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AddressSpaceMapTest {

  private static final long READ = 1;
  private static final long WRITE = 3;
  private static final long USER = 7;
  private static final long FIRST = 0x9000;

  private final GuestTables tables = new GuestTables();

  private AddressSpaceMap map() {
    return AddressSpaceMap.of(new PageTableScan(tables.ram, 1000), GuestTables.mode());
  }

  private void page(int index, long entry) {
    tables.store(GuestTables.PT + index * 8L, entry);
  }

  @Test
  void neighboursWithEqualRightsAreOneRange() {
    page(0, FIRST | READ);
    page(1, FIRST + 0x1000 | READ);
    page(2, FIRST + 0x2000 | WRITE);

    AddressSpaceMap map = map();

    assertThat(map.ranges()).hasSize(2);
    MappedRange first = map.ranges().get(0);
    assertThat(first.bytes()).isEqualTo(0x2000);
    assertThat(first.contiguous()).isTrue();
    assertThat(first.pages()).isEqualTo(new PageCounts(2, 0, 0));
    assertThat(map.ranges().get(1).permissions().writable()).isTrue();
    assertThat(map.isComplete()).isTrue();
  }

  @Test
  void aHoleEndsARange() {
    page(0, FIRST | READ);
    page(2, FIRST + 0x2000 | READ);

    assertThat(map().ranges()).hasSize(2);
  }

  @Test
  void framesThatLieElsewhereAreStillOneRange() {
    page(0, FIRST | READ);
    page(1, FIRST + 0x5000 | READ);

    assertThat(map().ranges()).hasSize(1);
    assertThat(map().ranges().get(0).contiguous()).isFalse();
  }

  @Test
  void whatIsWritableAndExecutableIsFound() {
    page(0, FIRST | WRITE);
    page(1, FIRST | WRITE | PageTableEntry.NO_EXECUTE);
    page(2, FIRST | READ);

    assertThat(map().writableAndExecutable())
        .singleElement()
        .satisfies(range -> assertThat(range.bytes()).isEqualTo(0x1000));
  }

  @Test
  void userPagesInTheUpperHalfAreFound() {
    page(0, FIRST | USER);
    assertThat(map().userInUpperHalf()).isEmpty();
    tables.store(GuestTables.PML4 + 511 * 8, GuestTables.PDPT | USER);
    tables.store(GuestTables.PDPT + 7 * 8, 0x4000_0000L | USER | 0x80);
    assertThat(map().userInUpperHalf()).extracting(range -> range.pages().huge()).contains(1L);
  }

  @Test
  void aScanThatReachesItsLimitSaysSo() {
    page(0, FIRST | READ);
    page(1, FIRST | READ);
    assertThat(
            AddressSpaceMap.of(new PageTableScan(tables.ram, 4), GuestTables.mode()).isComplete())
        .isFalse();
  }

  @Property
  void rangesAreTheLongestRunsOfEqualRights(
      @ForAll @Size(max = 40) List<@IntRange(max = 3) Integer> kinds) {
    GuestTables fresh = new GuestTables();
    StringBuilder model = new StringBuilder();
    for (int i = 0; i < kinds.size(); i++) {
      int kind = kinds.get(i);
      fresh.store(GuestTables.PT + i * 8L, new long[] {0, READ, WRITE, USER}[kind]);
      model.append(kind);
    }

    List<String> found =
        AddressSpaceMap.of(new PageTableScan(fresh.ram, 1000), GuestTables.mode()).ranges().stream()
            .map(AddressSpaceMapTest::digits)
            .toList();

    assertThat(found).isEqualTo(runs(model.toString()));
  }

  /** Returns a range as "first page: the model's digit, once for each page". */
  private static String digits(MappedRange range) {
    int kind = range.permissions().user() ? 3 : range.permissions().writable() ? 2 : 1;
    return (range.start().value() >> 12 & 0x1FF)
        + ": "
        + String.valueOf(kind).repeat((int) (range.bytes() >> 12));
  }

  private static List<String> runs(String model) {
    return Pattern.compile("1+|2+|3+")
        .matcher(model)
        .results()
        .map(run -> run.start() + ": " + run.group())
        .toList();
  }
}
