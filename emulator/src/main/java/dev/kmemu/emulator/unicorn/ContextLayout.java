package dev.kmemu.emulator.unicorn;

/**
 * Where the parts of the CPU's state lie in the blob that {@code uc_context_save} fills. The blob
 * is a copy of Unicorn's own structure, which no header describes: {@link ContextProbe} finds the
 * offsets by looking, and proves those that follow from them by their effect.
 *
 * @param size bytes of the blob
 * @param registers RAX; the general registers follow in the order of their encoding
 * @param errorCode the error code of the last exception, 32 bits
 * @param oldException the vector of the exception that is being handled, 32 bits, -1 for none
 * @param taskPriority CR8, one byte
 * @param efer IA32_EFER
 */
record ContextLayout(
    int size, int registers, int errorCode, int oldException, int taskPriority, int efer) {

  private static final int RSP_INDEX = 4;
  private static final int RIP = 128;
  private static final int EFLAGS = 136;
  private static final int CC_SRC = 152;
  private static final int CC_OP = 168;
  private static final int DIRECTION = 172;
  private static final int HFLAGS = 176;
  private static final int SEGMENTS = 184;
  private static final int SEGMENT_SIZE = 24;
  private static final int SEGMENT_BASE = 8;
  private static final int SEGMENT_LIMIT = 16;
  private static final int SEGMENT_FLAGS = 20;
  private static final int CS_INDEX = 1;
  private static final int SS_INDEX = 2;
  private static final int GDT_INDEX = 8;
  private static final int IDT_INDEX = 9;
  private static final int CR = 424;
  private static final int DEBUG_REGISTERS = 16;
  private static final int CONTROL_BLOCK = 8;
  private static final int INTERCEPTS = 24;
  private static final int CONTROL_READS = 32;
  private static final int CONTROL_WRITES = 34;

  /** Bytes from {@link #registers} to the end of the last part whose place is fixed, CR4. */
  static final int STATE_BYTES = CR + 5 * Long.BYTES;

  int general(int encoding) {
    return registers + encoding * Long.BYTES;
  }

  int rsp() {
    return general(RSP_INDEX);
  }

  int rip() {
    return registers + RIP;
  }

  /** RFLAGS without the arithmetic flags and DF, which the next three hold. */
  int rflags() {
    return registers + EFLAGS;
  }

  /** The operand that the arithmetic flags are computed from. */
  int flagsSource() {
    return registers + CC_SRC;
  }

  /** How they are computed; 1 means that {@link #flagsSource} is the flags. */
  int flagsOperation() {
    return registers + CC_OP;
  }

  /** 1 for DF clear, -1 for DF set. */
  int direction() {
    return registers + DIRECTION;
  }

  /** QEMU's derived flags; the low 2 bits are the CPL. */
  int hflags() {
    return registers + HFLAGS;
  }

  /** A segment register's selector, by its encoding; LDTR and TR follow, then GDT and IDT. */
  int selector(int index) {
    return registers + SEGMENTS + index * SEGMENT_SIZE;
  }

  int base(int index) {
    return selector(index) + SEGMENT_BASE;
  }

  int limit(int index) {
    return selector(index) + SEGMENT_LIMIT;
  }

  int attributes(int index) {
    return selector(index) + SEGMENT_FLAGS;
  }

  int gdtBase() {
    return base(GDT_INDEX);
  }

  int gdtLimit() {
    return limit(GDT_INDEX);
  }

  int idtBase() {
    return base(IDT_INDEX);
  }

  int idtLimit() {
    return limit(IDT_INDEX);
  }

  int cs() {
    return selector(CS_INDEX);
  }

  int ss() {
    return selector(SS_INDEX);
  }

  int cr(int number) {
    return registers + CR + number * Long.BYTES;
  }

  int cr2() {
    return cr(2);
  }

  int cr3() {
    return cr(3);
  }

  int dr(int number) {
    return errorCode + DEBUG_REGISTERS + number * Long.BYTES;
  }

  /** The physical address of the block that the MSR intercepts are looked up in. */
  int controlBlock() {
    return oldException + CONTROL_BLOCK;
  }

  /** Which instructions end in an intercept, 64 bits. */
  int intercepts() {
    return oldException + INTERCEPTS;
  }

  /** Which debug registers' reads end in an intercept, 16 bits. */
  int debugReadIntercepts() {
    return controlReadIntercepts() + 2 * Short.BYTES;
  }

  /** Which debug registers' writes end in an intercept, 16 bits. */
  int debugWriteIntercepts() {
    return controlWriteIntercepts() + 2 * Short.BYTES;
  }

  /** Which control registers' reads end in an intercept, 16 bits. */
  int controlReadIntercepts() {
    return oldException + CONTROL_READS;
  }

  /** Which control registers' writes end in an intercept, 16 bits. */
  int controlWriteIntercepts() {
    return oldException + CONTROL_WRITES;
  }

  @Override
  public String toString() {
    return String.format(
        "context of %d bytes, registers at %d, error code at %d, old exception at %d, CR8 at %d,"
            + " EFER at %d",
        size, registers, errorCode, oldException, taskPriority, efer);
  }
}
