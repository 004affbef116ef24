package dev.kmemu.firmware;

/** The I/O ports that the guest programs write. */
public final class FirmwarePorts {

  /** Byte: one character of console text, lines end with {@code \n}. */
  public static final int CONSOLE = 0xE9;

  /** Dword: the program's {@link SelfTestStatus}; it halts afterwards. */
  public static final int EXIT = 0xF4;

  /** Dword: the index of the {@link SelfTestReport} record that was just filled. */
  public static final int REPORT = 0x4B0;

  /**
   * Dword: the low half of the number of the fault loop's round that has just ended, counted from
   * 0. Before the next instruction runs, the host takes the range's pages away again.
   */
  public static final int ROUND = 0x4B1;

  private FirmwarePorts() {}
}
