package dev.kmemu.emulator.cpu;

/**
 * The registers that hold a segment, in the order of their encoding (Intel SDM vol. 3A, 3.4.3 and
 * 2.4).
 */
public enum SegmentRegister {
  ES(0),
  CS(1),
  SS(2),
  DS(3),
  FS(4),
  GS(5),
  LDTR(6),
  TR(7);

  private static final int SYSTEM = 6;

  private final int encoding;

  SegmentRegister(int encoding) {
    this.encoding = encoding;
  }

  /** Returns the encoding of the six segment registers; LDTR and TR follow them. */
  public int encoding() {
    return encoding;
  }

  /** Whether it is LDTR or TR. */
  public boolean isSystem() {
    return encoding >= SYSTEM;
  }
}
