package dev.kmemu.emulator.unicorn;

/**
 * Where the parts of the CPU's state lie in the blob that {@code uc_context_save} fills. The blob
 * is a copy of Unicorn's own structure, which no header describes: {@link ContextProbe} finds the
 * offsets by looking.
 *
 * @param size bytes of the blob
 * @param registers RAX; the general registers follow in the order of their encoding
 * @param errorCode the error code of the last exception, 32 bits
 * @param oldException the vector of the exception that is being handled, 32 bits, -1 for none
 * @param taskPriority CR8, one byte
 */
record ContextLayout(int size, int registers, int errorCode, int oldException, int taskPriority) {

  private static final int RSP_INDEX = 4;
  private static final int RIP = 128;
  private static final int EFLAGS = 136;
  private static final int HFLAGS = 176;
  private static final int SEGMENTS = 184;
  private static final int SEGMENT_SIZE = 24;
  private static final int CS_INDEX = 1;
  private static final int SS_INDEX = 2;
  private static final int CR = 424;

  /** Bytes from {@link #registers} to the end of the last part whose place is fixed, CR4. */
  static final int STATE_BYTES = CR + 5 * Long.BYTES;

  int rsp() {
    return registers + RSP_INDEX * Long.BYTES;
  }

  int rip() {
    return registers + RIP;
  }

  int rflags() {
    return registers + EFLAGS;
  }

  /** QEMU's derived flags; the low 2 bits are the CPL. */
  int hflags() {
    return registers + HFLAGS;
  }

  int cs() {
    return registers + SEGMENTS + CS_INDEX * SEGMENT_SIZE;
  }

  int ss() {
    return registers + SEGMENTS + SS_INDEX * SEGMENT_SIZE;
  }

  int cr2() {
    return registers + CR + 2 * Long.BYTES;
  }

  int cr3() {
    return registers + CR + 3 * Long.BYTES;
  }

  @Override
  public String toString() {
    return String.format(
        "context of %d bytes, registers at %d, error code at %d, old exception at %d, CR8 at %d",
        size, registers, errorCode, oldException, taskPriority);
  }
}
