package dev.kmemu.emulator.mmu;

import java.util.ArrayList;
import java.util.List;

/**
 * What page tables map, as ranges of equal rights in the order of addresses: a summary of any
 * guest's address space, whoever's kernel set it up.
 *
 * @param ranges the ranges
 * @param isComplete false when there is more than was looked at
 */
public record AddressSpaceMap(List<MappedRange> ranges, boolean isComplete) {

  /** Copies the list. */
  public AddressSpaceMap {
    ranges = List.copyOf(ranges);
  }

  /**
   * Summarises what {@code scan} finds.
   *
   * @throws IllegalArgumentException when {@code mode} has no tables, or a kind that isn't walked
   */
  public static AddressSpaceMap of(PageTableScan scan, PagingMode mode) {
    List<MappedRange> ranges = new ArrayList<>();
    boolean complete = scan.scan(mode, page -> add(ranges, page));
    return new AddressSpaceMap(ranges, complete);
  }

  private static void add(List<MappedRange> ranges, MappedPage page) {
    int end = ranges.size() - 1;
    if (end >= 0 && ranges.get(end).continuesWith(page)) {
      ranges.set(end, ranges.get(end).with(page));
    } else {
      ranges.add(MappedRange.of(page));
    }
  }

  /** Returns the ranges where code can be written and then executed. */
  public List<MappedRange> writableAndExecutable() {
    return ranges.stream().filter(MappedRange::isWritableAndExecutable).toList();
  }

  /** Returns the ranges of the upper half that user mode reaches. */
  public List<MappedRange> userInUpperHalf() {
    return ranges.stream().filter(MappedRange::isUserInUpperHalf).toList();
  }

  /** Returns the number of mapped pages. */
  public PageCounts pages() {
    return ranges.stream().map(MappedRange::pages).reduce(PageCounts.NONE, PageCounts::plus);
  }
}
