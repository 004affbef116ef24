package dev.kmemu.firmware;

import java.util.Optional;

/**
 * What a {@link SelfTestReport} is about. Each constant says which fields it fills; the others are
 * zero.
 */
public enum SelfTestEvent {
  /** The boot block is good: {@code kva} = its address, {@code value} = number of ranges. */
  STARTED(1),
  /** A range passed: {@code detail} = its kind's code, {@code kva}, {@code value} = length. */
  RANGE_PASSED(2),
  /**
   * The first word of the first WIRED range, read again after the label {@code
   * selftest_wired_done}: {@code kva}, {@code value} = what is there now, {@code expected} = the
   * pattern. They differ when a debugger wrote to it in between.
   */
  PROBE(3),
  /**
   * An announced page fault came through the guest's IDT: {@code detail} = vector, {@code kva} =
   * CR2, {@code value} = error code, {@code expected} = the address touched, {@code rip}.
   */
  EXPECTED_FAULT(4),
  /** A word is wrong: {@code kva}, {@code value} = found, {@code expected}. */
  MISMATCH(5),
  /** No fault came: {@code kva}, {@code value} = what was read, {@code rip}. */
  MISSING_FAULT(6),
  /** {@code detail} = vector, {@code kva} = CR2, {@code value} = error code, {@code rip}. */
  UNEXPECTED_EXCEPTION(7),
  /** {@code kva} = header or range that makes no sense, {@code value} = its first word. */
  BAD_BOOT_BLOCK(8),
  /** The last report: {@code value} = the {@link SelfTestStatus} code. */
  FINISHED(9);

  private final int code;

  SelfTestEvent(int code) {
    this.code = code;
  }

  /** Returns the number that stands for this event in guest memory. */
  public int code() {
    return code;
  }

  /** Returns the event that {@code code} stands for, if any. */
  public static Optional<SelfTestEvent> ofCode(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
