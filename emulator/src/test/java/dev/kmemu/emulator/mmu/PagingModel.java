package dev.kmemu.emulator.mmu;

import java.util.Map;

/**
 * 4-level paging once more, written from the manual's tables with bit numbers instead of masks:
 * slow, plain, and sharing nothing with the walker.
 */
final class PagingModel {

  /** What an access does: "ok" with an address, "pf" with an error code, "gp" or "lost". */
  record Answer(String what, long value) {}

  private final Map<Long, Long> memory;
  private final long ramBytes;
  private final PagingMode mode;

  PagingModel(Map<Long, Long> memory, long ramBytes, PagingMode mode) {
    this.memory = memory;
    this.ramBytes = ramBytes;
    this.mode = mode;
  }

  Answer access(long va, AccessKind kind, boolean user) {
    boolean fetch = kind == AccessKind.FETCH;
    boolean write = kind == AccessKind.WRITE;
    boolean nxe = bit(mode.efer(), 11);
    boolean smep = bit(mode.cr4(), 20);
    boolean smap = bit(mode.cr4(), 21);
    boolean ac = bit(mode.rflags(), 18);
    boolean wp = bit(mode.cr0(), 16);
    long cause = (write ? 2L : 0) + (user ? 4 : 0) + (fetch && (nxe || smep) ? 16 : 0);

    for (int i = 47; i < 64; i++) {
      if (bit(va, i) != bit(va, 47)) {
        return new Answer("gp", 0);
      }
    }
    boolean allWritable = true;
    boolean allUser = true;
    boolean anyXd = false;
    long table = bits(mode.cr3(), 51, 12) << 12;
    for (int low = 39; ; low -= 9) {
      if (table + 4096 > ramBytes) {
        return new Answer("lost", 0);
      }
      long entry = memory.getOrDefault(table + 8 * bits(va, low + 8, low), 0L);
      if (!bit(entry, 0)) {
        return new Answer("pf", cause);
      }
      boolean page = low == 12 || (low != 39 && bit(entry, 7));
      boolean reserved =
          bits(entry, 51, mode.physicalAddressBits()) != 0
              || (low == 39 && bit(entry, 7))
              || (bit(entry, 63) && !nxe)
              || (page && low > 12 && bits(entry, low - 1, 13) != 0);
      if (reserved) {
        return new Answer("pf", cause + 9);
      }
      allWritable &= bit(entry, 1);
      allUser &= bit(entry, 2);
      anyXd |= bit(entry, 63);
      if (page) {
        boolean allowed;
        if (user) {
          allowed = allUser && !(write && !allWritable) && !(fetch && anyXd);
        } else if (fetch) {
          allowed = !anyXd && !(allUser && smep);
        } else {
          allowed = !(allUser && smap && !ac) && !(write && wp && !allWritable);
        }
        return allowed
            ? new Answer("ok", (bits(entry, 51, low) << low) + bits(va, low - 1, 0))
            : new Answer("pf", cause + 1);
      }
      table = bits(entry, 51, 12) << 12;
    }
  }

  private static boolean bit(long value, int number) {
    return bits(value, number, number) == 1;
  }

  private static long bits(long value, int high, int low) {
    long result = 0;
    for (int i = high; i >= low; i--) {
      result = 2 * result + Math.abs((value >> i) % 2);
    }
    return result;
  }
}
