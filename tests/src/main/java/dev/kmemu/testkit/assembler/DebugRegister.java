package dev.kmemu.testkit.assembler;

/** The debug registers (Intel SDM vol. 3B, 17.2). */
public enum DebugRegister implements SystemRegister {
  DR0(0),
  DR1(1),
  DR2(2),
  DR3(3),
  DR6(6),
  DR7(7);

  private final int encoding;

  DebugRegister(int encoding) {
    this.encoding = encoding;
  }

  @Override
  public int encoding() {
    return encoding;
  }

  @Override
  public int opcode() {
    return 0x21;
  }
}
