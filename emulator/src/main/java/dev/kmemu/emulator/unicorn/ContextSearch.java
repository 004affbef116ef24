package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.TrapFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntPredicate;

/**
 * Finds the parts of the CPU's state in contexts that were saved at known moments. Knows nothing of
 * the library: it compares bytes.
 */
final class ContextSearch {

  /**
   * The first 8 general registers hold this plus their number before the first context is saved.
   */
  static final long MARKER = 0x1122334455667700L;

  /** How many general registers are marked. */
  static final int MARKED = 8;

  private static final int NOTHING = -1;
  private static final int WORDS_TO_RIP = 17;

  private final byte[] before;
  private final byte[] first;
  private final int registers;
  private final int oldException;

  /**
   * Looks at the first two contexts.
   *
   * @param before saved before any exception, with the markers in place
   * @param first saved in the first page fault, a write to an absent page
   * @throws UnicornException when something isn't there, or is there twice
   */
  ContextSearch(byte[] before, byte[] first) {
    this.before = before;
    this.first = first;
    registers = unique("general registers", at -> hasMarkers(at));
    if (registers + ContextLayout.STATE_BYTES > before.length) {
      throw new UnicornException(
          String.format(
              "the general registers are at %d of a context of %d bytes: no room for the rest",
              registers, before.length));
    }
    oldException =
        unique(
            "old exception",
            at -> int32(before, at) == -1 && int32(first, at) == TrapFrame.PAGE_FAULT);
  }

  /** Returns where the vector of the exception being handled lies. */
  int oldException() {
    return oldException;
  }

  /**
   * Finds the rest.
   *
   * @param second saved in the second page fault, a write to a read-only page
   * @param idle saved before the task priority was raised from 0
   * @param raised saved after it was raised
   * @param priority the value it was raised to
   * @param efer IA32_EFER, the same at all these moments
   */
  ContextLayout layout(byte[] second, byte[] idle, byte[] raised, int priority, long efer) {
    int errorCode =
        unique(
            "error code",
            at ->
                at > registers
                    && int32(before, at) == 0
                    && int32(first, at) == TrapFrame.PF_WRITE
                    && int32(second, at) == (TrapFrame.PF_WRITE | TrapFrame.PF_PRESENT));
    int taskPriority = NOTHING;
    for (int at = registers + WORDS_TO_RIP * Long.BYTES; at < idle.length; at++) {
      if (idle[at] == 0 && raised[at] == priority) {
        if (taskPriority != NOTHING) {
          // A register that can't be told from another byte counts as absent.
          taskPriority = NOTHING;
          break;
        }
        taskPriority = at;
      }
    }
    int eferAt =
        unique(
            "EFER",
            at ->
                at + Long.BYTES <= before.length
                    && int64(before, at) == efer
                    && int64(raised, at) == efer);
    return new ContextLayout(
        before.length, registers, errorCode, oldException, taskPriority, eferAt);
  }

  private boolean hasMarkers(int at) {
    if (at + MARKED * Long.BYTES > before.length) {
      return false;
    }
    for (int i = 0; i < MARKED; i++) {
      if (int64(before, at + i * Long.BYTES) != MARKER + i) {
        return false;
      }
    }
    return true;
  }

  private int unique(String what, IntPredicate matches) {
    int found = NOTHING;
    for (int at = 0; at + Integer.BYTES <= before.length; at += Integer.BYTES) {
      if (matches.test(at)) {
        if (found != NOTHING) {
          throw new UnicornException(
              what + " is ambiguous: offsets " + found + " and " + at + " of the context");
        }
        found = at;
      }
    }
    if (found == NOTHING) {
      throw new UnicornException(what + " isn't in the context of " + before.length + " bytes");
    }
    return found;
  }

  static int int32(byte[] blob, int at) {
    return ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }

  static long int64(byte[] blob, int at) {
    return ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
  }
}
