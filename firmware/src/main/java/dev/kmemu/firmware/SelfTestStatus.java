package dev.kmemu.firmware;

import java.util.Optional;

/** How a guest program ended: the value it writes to {@link FirmwarePorts#EXIT}. */
public enum SelfTestStatus {
  /** Everything held. */
  PASSED(0, "passed"),
  /** The boot block has another magic or version, or a range that makes no sense. */
  BAD_BOOT_BLOCK(1, "the boot block makes no sense"),
  /** Fresh memory held something. */
  NOT_ZERO(2, "fresh memory isn't zero"),
  /** A word didn't give back what was written to it. */
  PATTERN_LOST(3, "memory lost its pattern"),
  /** An unmapped address could be read. */
  MISSING_FAULT(4, "an unmapped address didn't fault"),
  /** The fault of an unmapped address had another CR2, RIP or error code. */
  WRONG_FAULT(5, "a page fault arrived with the wrong CR2, RIP or error code"),
  /** An exception that the program hadn't announced. */
  UNEXPECTED_EXCEPTION(6, "an unexpected exception");

  private final int code;
  private final String description;

  SelfTestStatus(int code, String description) {
    this.code = code;
    this.description = description;
  }

  /** Returns the value on the exit port. */
  public int code() {
    return code;
  }

  /** Returns what it means, in lower case without a full stop. */
  public String description() {
    return description;
  }

  /** Returns the status that {@code code} stands for, if any. */
  public static Optional<SelfTestStatus> ofCode(int code) {
    return code >= 0 && code < values().length ? Optional.of(values()[code]) : Optional.empty();
  }
}
