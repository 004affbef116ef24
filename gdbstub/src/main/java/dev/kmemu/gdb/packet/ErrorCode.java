package dev.kmemu.gdb.packet;

/** The numbers of {@code Enn} replies. The protocol leaves them open; these are errno's. */
public enum ErrorCode {
  /** {@code ESRCH}: no such thread. */
  NO_THREAD(3),
  /** {@code EIO}: the target failed in a way that it doesn't describe. */
  FAILED(5),
  /** {@code EFAULT}: memory that isn't there. */
  FAULT(14),
  /** {@code EBUSY}: not now. */
  BUSY(16),
  /** {@code EINVAL}: a packet that can't be read. */
  INVALID(22);

  private final int number;

  ErrorCode(int number) {
    this.number = number;
  }

  /** Returns the number, 1 to 255. */
  public int number() {
    return number;
  }
}
