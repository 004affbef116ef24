package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the guest has set in DR0 to DR3 and DR7 (Intel SDM vol. 3B, 17.2). Breakpoints on
 * instructions are the library's own, which are part of translated code; those on data are watched
 * as a debugger's are.
 */
final class GuestBreakpoints {

  static final int COUNT = 4;

  private static final int BP_CPU = 0x20;
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
  private static final long RESUME_FLAG = 1L << 16;

  private final Pointer cpu;
  private final UnicornFrame frame;
  private final long[] addresses = new long[COUNT];
  private final boolean[] executes = new boolean[COUNT];
  private final @Nullable MemoryWatch[] watches = new @Nullable MemoryWatch[COUNT];
  private long control;

  GuestBreakpoints(long cpu, UnicornFrame frame) {
    this.cpu = new Pointer(cpu);
    this.frame = frame;
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
    boolean[] executed = executes.clone();
    long[] old = addresses.clone();
    @Nullable MemoryWatch[] watched = watches.clone();
    control = wanted;
    for (int i = 0; i < COUNT; i++) {
      addresses[i] = frame.breakpointAddress(i);
      read(i);
    }
    for (int i = 0; i < COUNT; i++) {
      if (executed[i] != executes[i] || (executes[i] && old[i] != addresses[i])) {
        insertAll();
        break;
      }
    }
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

  private void insertAll() {
    removeAll();
    Function insert = function("cpu_breakpoint_insert_x86_64");
    for (int i = 0; i < COUNT; i++) {
      if (executes[i]) {
        insert.invokeInt(new Object[] {cpu, addresses[i], BP_CPU, Pointer.NULL});
      }
    }
  }

  private void removeAll() {
    function("cpu_breakpoint_remove_all_x86_64").invokeVoid(new Object[] {cpu, BP_CPU});
  }

  /** Leaves the library none, whose end would remove them when the code is gone already. */
  void close() {
    for (boolean executed : executes) {
      if (executed) {
        removeAll();
        return;
      }
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
    boolean traced = (frame.rawRflags() & TRAP_FLAG) != 0 && (frame.dr6() & DR6_BS) != 0;
    return !traced && hitsAtRip() != 0;
  }

  /** Whether there is a breakpoint at RIP that RF doesn't suppress; says so in DR6. */
  boolean takeAtRip() {
    int hits = hitsAtRip();
    if (hits == 0 || (frame.rawRflags() & RESUME_FLAG) != 0) {
      return false;
    }
    hit(hits);
    return true;
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
