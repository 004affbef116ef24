package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.PvEntry;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.GraphLayout;

/** What the kernel VM costs on the Java heap, which grows with RAM and with the maps. */
class HeapFootprintTest {

  private static final long BYTES_PER_PAGE = 96;
  private static final long BYTES_PER_ENTRY = 160;

  /** So many pages that the object's index, always at least half empty, has just doubled. */
  private static final int JUST_GROWN = 8193;

  private static final int ENTRIES = 10_000;

  private final TestKernel kernel = TestKernel.withRam(64 * MIB);

  @Test
  void aPageTakesAtMost96BytesWithItsPlacesInTheArrayAndInItsObject() {
    long free = pageBytes();
    kernel.vm.kmem().alloc3(kernel.map(), JUST_GROWN * PAGE, MapWiring.KM_PAGEABLE).orThrow();
    long inObject = pageBytes();

    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isEqualTo(JUST_GROWN);
    double index = (double) (inObject - free) / JUST_GROWN;
    assertThat(index).as("bytes in the index of the object").isPositive();
    assertThat((double) free / kernel.vm.pages().size() + index)
        .isLessThanOrEqualTo(BYTES_PER_PAGE);
    kernel.check();
  }

  @Test
  void aMapEntryTakesAtMost160Bytes() {
    crowd(ENTRIES);
    long few = entryBytes();
    crowd(2 * ENTRIES);
    long many = entryBytes();

    assertThat((many - few) / ENTRIES).isBetween(1L, BYTES_PER_ENTRY);
    kernel.check();
  }

  /** A mapped page's PV entry isn't part of the page: a page has as many as it has mappings. */
  @Test
  void aPvEntryTakesAtMost48Bytes() {
    assertThat(ClassLayout.parseClass(PvEntry.class).instanceSize()).isLessThanOrEqualTo(48);
  }

  /** The array, its pages and all that they refer to. */
  private long pageBytes() {
    return GraphLayout.parseInstance(kernel.vm.pages()).totalSize();
  }

  /** The entries and all that they refer to. */
  private long entryBytes() {
    return GraphLayout.parseInstance(kernel.map().header()).totalSize();
  }

  /** Entries of different attributes, which don't merge. */
  private void crowd(int entries) {
    while (kernel.map().nentries() < entries) {
      if (kernel.map().nentries() % 2 == 0) {
        kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow();
      } else {
        kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow();
      }
    }
  }
}
