package dev.kmemu.testkit.assembler;

/** How many bytes an operand has. */
public enum Size {
  BYTE(1),
  WORD(2),
  DWORD(4),
  QWORD(8);

  private final int bytes;

  Size(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the number of bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the number of bits. */
  public int bits() {
    return bytes * Byte.SIZE;
  }

  /** Returns the bytes of an immediate operand: never more than four but in MOV to a register. */
  int immediateBytes() {
    return Math.min(bytes, Integer.BYTES);
  }

  String keyword() {
    return switch (this) {
      case BYTE -> "byte ptr ";
      case WORD -> "word ptr ";
      case DWORD -> "dword ptr ";
      case QWORD -> "qword ptr ";
    };
  }
}
