package dev.kmemu.vm.map;

/** {@code eflags} of a map entry, and the {@code cow} bits of {@code vm_map_insert}. */
public final class EntryFlags {
  public static final int NOSYNC = 0x0001;
  public static final int STACK = 0x0002;
  public static final int COW = 0x0004;
  public static final int NEEDS_COPY = 0x0008;

  /** Must never fault: the pages are mapped by hand. */
  public static final int NOFAULT = 0x0010;

  public static final int USER_WIRED = 0x0020;
  public static final int BEHAV_SEQUENTIAL = 0x0040;
  public static final int BEHAV_RANDOM = 0x0080;
  public static final int IN_TRANSITION = 0x0100;
  public static final int NEEDS_WAKEUP = 0x0200;
  public static final int NOCOREDUMP = 0x0400;

  /** A kernel stack, whose lowest page is a guard that nothing is ever mapped in. */
  public static final int KSTACK = 0x0800;

  /** {@code cow}: a private mapping of an object; sets {@link #COW} and {@link #NEEDS_COPY}. */
  public static final int MAP_COPY_ON_WRITE = 0x0002;

  /** {@code cow}: sets {@link #NOFAULT}. */
  public static final int MAP_NOFAULT = 0x0004;

  /** {@code cow}: enter resident pages at once; only pages of files are, so here none. */
  public static final int MAP_PREFAULT = 0x0008;

  public static final int MAP_PREFAULT_PARTIAL = 0x0010;
  public static final int MAP_DISABLE_SYNCER = 0x0020;
  public static final int MAP_IS_STACK = 0x0040;

  /** {@code cow}: sets {@link #KSTACK}. */
  public static final int MAP_IS_KSTACK = 0x0080;

  public static final int MAP_DISABLE_COREDUMP = 0x0100;
  public static final int MAP_PREFAULT_MADVISE = 0x0200;

  /** Flag of {@code vm_map_findspace}: a stack's growth area counts as free. */
  public static final int MAP_STACK = 0x0400;

  private EntryFlags() {}

  /** Returns the {@code eflags} that {@code cow} asks for. */
  static int fromCow(int cow) {
    int eflags = 0;
    if ((cow & MAP_COPY_ON_WRITE) != 0) {
      eflags |= COW | NEEDS_COPY;
    }
    if ((cow & MAP_NOFAULT) != 0) {
      eflags |= NOFAULT;
    }
    if ((cow & MAP_DISABLE_SYNCER) != 0) {
      eflags |= NOSYNC;
    }
    if ((cow & MAP_IS_STACK) != 0) {
      eflags |= STACK;
    }
    if ((cow & MAP_IS_KSTACK) != 0) {
      eflags |= KSTACK;
    }
    if ((cow & MAP_DISABLE_COREDUMP) != 0) {
      eflags |= NOCOREDUMP;
    }
    return eflags;
  }
}
