package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the guest has set in DR0 to DR3 and DR7 (Intel SDM vol. 3B, 17.2). Breakpoints on
 * instructions are the library's own, which are part of translated code; those on data are watched
 * as a debugger's are.
 */
final class GuestBreakpoints {

  static final int COUNT = 4;

  private static final int BP_CPU = 0x20;

  /** Where no instruction begins that could be executed. */
  private static final long NOWHERE = -1;

  private static final int DR7_TYPES = 16;
  private static final int EXECUTE = 0;
  private static final int WRITE = 1;
  private static final int ACCESS = 3;
  private static final int[] LENGTHS = {1, 2, 8, 4};
  private static final long DR7_GD = 1L << 13;
  private static final long DR6_HITS = 0xF;
  private static final long DR6_BD = 1L << 13;
  private static final long DR6_BS = 1L << 14;
  private static final long TRAP_FLAG = 1L << 8;

  private final Pointer cpu;
  private final UnicornFrame frame;
  private final LongConsumer dropCode;
  private final @Nullable Pointer[] breakpoints = new @Nullable Pointer[COUNT];
  private final long[] addresses = new long[COUNT];
  private final boolean[] executes = new boolean[COUNT];
  private final @Nullable MemoryWatch[] watches = new @Nullable MemoryWatch[COUNT];
  private long control;
  private boolean usesNative;

  /**
   * Starts with none.
   *
   * @param dropCode drops translated code of an address, because a breakpoint is part of it
   */
  GuestBreakpoints(long cpu, UnicornFrame frame, LongConsumer dropCode) {
    this.cpu = new Pointer(cpu);
    this.frame = frame;
    this.dropCode = dropCode;
  }

  /**
   * Takes over what the registers hold; where translated code depends on it, it is dropped. Not
   * while translated code runs.
   *
   * @return whether other data is to be watched than before
   */
  boolean follow() {
    long wanted = frame.dr7();
    frame.interceptDebugReads((wanted & DR7_GD) != 0);
    boolean same = wanted == control;
    for (int i = 0; i < COUNT; i++) {
      same &= frame.breakpointAddress(i) == addresses[i];
    }
    if (same) {
      return false;
    }
    @Nullable MemoryWatch[] watched = watches.clone();
    control = wanted;
    for (int i = 0; i < COUNT; i++) {
      long before = executes[i] ? addresses[i] : NOWHERE;
      addresses[i] = frame.breakpointAddress(i);
      read(i);
      long after = executes[i] ? addresses[i] : NOWHERE;
      if (before != after) {
        place(i, after);
      }
    }
    useNative();
    return !Arrays.equals(watched, watches);
  }

  private void read(int i) {
    boolean enabled = ((control >>> (2 * i)) & 3) != 0;
    int type = (int) (control >>> (DR7_TYPES + 4 * i)) & 3;
    int length = LENGTHS[(int) (control >>> (DR7_TYPES + 2 + 4 * i)) & 3];
    executes[i] = enabled && type == EXECUTE;
    watches[i] =
        enabled && (type == WRITE || type == ACCESS)
            ? new MemoryWatch(
                new VirtualAddress(addresses[i] & -length), length, type == ACCESS, true)
            : null;
  }

  /** The library's own insertion drops all code, so each is inserted once and moved afterwards. */
  private void place(int i, long address) {
    Pointer placed = breakpoints[i];
    if (placed == null) {
      try (Memory out = new Memory(Native.POINTER_SIZE)) {
        function("cpu_breakpoint_insert_x86_64")
            .invokeInt(new Object[] {cpu, address, BP_CPU, out});
        breakpoints[i] = out.getPointer(0);
      }
      return;
    }
    long before = placed.getLong(0);
    placed.setLong(0, address);
    if (before != NOWHERE) {
      dropCode.accept(before);
    }
    if (address != NOWHERE) {
      dropCode.accept(address);
    }
  }

  private void useNative() {
    boolean any = false;
    for (boolean one : executes) {
      any |= one;
    }
    if (any != usesNative) {
      usesNative = any;
      NativeBreakpoints.use(any);
    }
  }

  /** Leaves the library none, whose end would remove them when the code is gone already. */
  void close() {
    Arrays.fill(executes, false);
    useNative();
    if (Arrays.stream(breakpoints).anyMatch(Objects::nonNull)) {
      function("cpu_breakpoint_remove_all_x86_64").invokeVoid(new Object[] {cpu, BP_CPU});
    }
  }

  private static Function function(String name) {
    return Function.getFunction(new Pointer(UnicornLibrary.function(name)));
  }

  /** Returns the data to be watched; an element may be absent. */
  @Nullable MemoryWatch[] watches() {
    return watches.clone();
  }

  /** Whether the debug exception that has arrived is that of a breakpoint at RIP. */
  boolean isFault() {
    return hitsAtRip() != 0 && !isTrap();
  }

  /** Says in DR6 which breakpoints at RIP have been hit. */
  void hitAtRip() {
    hit(hitsAtRip());
  }

  /** Drops code that still ends at a breakpoint which is gone, if that has raised the exception. */
  boolean dropStale() {
    boolean stale = Arrays.stream(breakpoints).anyMatch(Objects::nonNull) && !isTrap();
    if (stale) {
      dropCode.accept(frame.linearRip());
    }
    return stale;
  }

  private boolean isTrap() {
    boolean traced = (frame.rawRflags() & TRAP_FLAG) != 0;
    return (frame.dr6() & DR6_BS) != 0 && (traced || hitsAtRip() == 0);
  }

  private int hitsAtRip() {
    int hits = 0;
    for (int i = 0; i < COUNT; i++) {
      if (executes[i] && addresses[i] == frame.linearRip()) {
        hits |= 1 << i;
      }
    }
    return hits;
  }

  /** Says in DR6 which conditions have been met; the other bits stay (SDM vol. 3B, 17.2.3). */
  void hit(int hits) {
    frame.setDr6((frame.dr6() & ~DR6_HITS) | hits);
  }

  /** Whether the access to a debug register that begins is detected; says so in DR6. */
  boolean detects() {
    if ((frame.dr7() & DR7_GD) == 0) {
      return false;
    }
    frame.setDr6((frame.dr6() & ~DR6_HITS) | DR6_BD);
    return true;
  }
}
