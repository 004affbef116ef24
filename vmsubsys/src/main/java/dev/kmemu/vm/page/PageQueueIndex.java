package dev.kmemu.vm.page;

/** The numbering of the paging queues ({@code vm_page.h}), for the default 256 KiB cache. */
public final class PageQueueIndex {
  public static final int NONE = 0;
  public static final int FREE = 1;
  public static final int INACTIVE = 257;
  public static final int ACTIVE = 258;
  public static final int CACHE = 259;
  public static final int HOLD = 515;
  public static final int COUNT = 516;

  /** {@code PQ_L2_SIZE}: colours in use. */
  public static final int COLORS = 64;

  /** {@code PQ_L2_MASK}. */
  public static final int COLOR_MASK = COLORS - 1;

  /** {@code PQ_PRIME1}. */
  public static final int PRIME1 = 13;

  /** {@code PQ_PRIME2}. */
  public static final int PRIME2 = 7;

  private PageQueueIndex() {}
}
