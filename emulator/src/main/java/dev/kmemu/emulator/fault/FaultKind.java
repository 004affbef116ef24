package dev.kmemu.emulator.fault;

/** What a device does wrong. */
public enum FaultKind {
  /** A register reads as all ones, and what a read would have done to the device is left undone. */
  DROP_READ("drop-read"),
  /** Bits of what a register reads as are turned over. */
  FLIP_READ("flip-read"),
  /** Bits of what a register reads as are set, such as a UART's overrun. */
  SET_READ("set-read"),
  /** A write to a register never arrives. */
  SWALLOW_WRITE("swallow-write"),
  /** A rise of the interrupt line never arrives. */
  LOSE_INTERRUPT("lose-interrupt"),
  /** The interrupt line rises once more when it has fallen. */
  REPEAT_INTERRUPT("repeat-interrupt"),
  /** A disk can't be read. */
  FAIL_READ("fail-read"),
  /** A disk can't be written. */
  FAIL_WRITE("fail-write");

  private final String id;

  FaultKind(String id) {
    this.id = id;
  }

  /** Returns its name in options. */
  public String id() {
    return id;
  }

  /** Whether it is one of an access to a register. */
  public boolean isOfRegisters() {
    return this == DROP_READ || this == FLIP_READ || this == SET_READ || this == SWALLOW_WRITE;
  }

  /** Whether it is one of a disk. */
  public boolean isOfDisks() {
    return this == FAIL_READ || this == FAIL_WRITE;
  }

  /** Whether it is one of an interrupt line. */
  public boolean isOfInterrupts() {
    return this == LOSE_INTERRUPT || this == REPEAT_INTERRUPT;
  }
}
