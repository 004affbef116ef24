package dev.kmemu.testkit.assembler;

/** The control registers (Intel SDM vol. 3A, 2.5). */
public enum ControlRegister implements SystemRegister {
  CR0(0),
  CR2(2),
  CR3(3),
  CR4(4),
  CR8(8);

  private final int encoding;

  ControlRegister(int encoding) {
    this.encoding = encoding;
  }

  @Override
  public int encoding() {
    return encoding;
  }

  @Override
  public int opcode() {
    return 0x20;
  }
}
