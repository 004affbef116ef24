package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Operand;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.stream.LongStream;

/**
 * The addresses of the suite: pages around the places where one table ends and the next begins.
 * Everything about a mapping is kept by the number of its page here.
 */
final class PmapAddresses {

  private static final long PAGE = VmArith.PAGE_SIZE;
  private static final long GIB = 1L << 30;
  private static final long KERNEL = KvaLayout.KERNBASE + GIB;
  private static final long UNMANAGED = KERNEL + 4 * KvaLayout.NBPDR;

  /** Pages of user address spaces, ascending. */
  private static final long[] USER =
      LongStream.of(
              0,
              KvaLayout.NBPDR - 4 * PAGE,
              GIB - 4 * PAGE,
              0x1234_5678_9000L,
              (1L << 39) - 4 * PAGE,
              KvaLayout.USER_END - 4 * PAGE)
          .flatMap(start -> run(start, start == 0 || start > 1L << 40 ? 4 : 8))
          .sorted()
          .toArray();

  /** Kernel pages for managed mappings, ascending: around 1 GiB and 2 MiB. */
  private static final long[] KERNEL_PAGES =
      LongStream.concat(run(KERNEL - 3 * PAGE, 6), run(KERNEL + KvaLayout.NBPDR - 2 * PAGE, 4))
          .toArray();

  /** Kernel pages for {@code pmap_kenter}, ascending. */
  private static final long[] KENTER_PAGES = run(UNMANAGED - 2 * PAGE, 4).toArray();

  private static final long[] ALL =
      LongStream.concat(
              LongStream.concat(LongStream.of(USER), LongStream.of(KERNEL_PAGES)),
              LongStream.of(KENTER_PAGES))
          .toArray();

  static final int USER_COUNT = USER.length;
  static final int FIRST_KERNEL = USER.length;
  static final int FIRST_KENTER = FIRST_KERNEL + KERNEL_PAGES.length;
  static final int COUNT = ALL.length;

  /** What must have page tables before the suite begins, [start, end). */
  static final long KERNEL_START = KERNEL - KvaLayout.NBPDR;

  static final long KERNEL_END = UNMANAGED + KvaLayout.NBPDR;

  static final Operand.Address ANY = new Operand.Address("page", ALL);
  static final Operand.Address USER_PAGE = new Operand.Address("user page", USER);
  static final Operand.Address KERNEL_PAGE = new Operand.Address("kernel page", KERNEL_PAGES);
  static final Operand.Address KENTER_PAGE =
      new Operand.Address("page for pmap_kenter", KENTER_PAGES);

  private PmapAddresses() {}

  private static LongStream run(long start, int pages) {
    return LongStream.range(0, pages).map(page -> start + page * PAGE);
  }

  /** Returns the address of a page by its number. */
  static long at(int number) {
    return ALL[number];
  }

  static boolean isUser(int number) {
    return number < USER_COUNT;
  }
}
