package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Remembers why the CPU left guest code the last {@link #ROOM} times, always: an entry costs a few
 * stores. The CPU's thread writes it; others read it while the CPU is paused.
 */
public final class ExitLog {

  /** How many exits are remembered. */
  public static final int ROOM = 16;

  /** Instead of an address, where the engine doesn't know it. */
  public static final long NOWHERE = -1;

  private final ExitKind[] kinds = new ExitKind[ROOM];
  private final int[] details = new int[ROOM];
  private final long[] places = new long[ROOM];
  private long count;

  /**
   * One exit.
   *
   * @param kind why
   * @param detail the vector or the port, -1 for other kinds
   * @param rip the linear address of the instruction, or {@link #NOWHERE}
   */
  public record Exit(ExitKind kind, int detail, long rip) {

    @Override
    public String toString() {
      String what =
          switch (kind) {
            case PORT -> String.format("port 0x%x", detail);
            case EXCEPTION -> "exception " + detail;
            case PAGE_FAULT -> "page fault";
            case SOFTWARE_INTERRUPT -> "software interrupt";
            case INTERRUPT -> "interrupt or request";
            case HALT -> "HLT";
            case MEMORY_MAPPED -> "memory-mapped device";
            case SYSTEM_CALL -> "system call";
            case MODEL -> "CPUID, MSR or TSC";
            case CONTROL_REGISTER -> "control register";
          };
      return rip == NOWHERE ? what : what + " at " + new VirtualAddress(rip);
    }
  }

  /** Adds an exit. */
  public void add(ExitKind kind, int detail, long rip) {
    int at = (int) (count++ % ROOM);
    kinds[at] = kind;
    details[at] = detail;
    places[at] = rip;
  }

  /** Returns the last exits, the oldest first. */
  public List<Exit> last() {
    List<Exit> exits = new ArrayList<>();
    for (long i = Math.max(0, count - ROOM); i < count; i++) {
      int at = (int) (i % ROOM);
      exits.add(new Exit(kinds[at], details[at], places[at]));
    }
    return exits;
  }
}
