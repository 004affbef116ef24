package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.InterruptibleFrame;
import java.nio.ByteBuffer;

/** The exception that is being handled, over the CPU's live state. */
final class UnicornFrame extends UnicornState implements InterruptibleFrame {

  private static final long TRAP_FLAG = 1L << 8;
  private static final int NO_EXCEPTION = -1;
  private static final int RAW_BEGIN_WORDS = 5;

  private int vector;
  private long instruction;
  private boolean software;
  private boolean external;
  private boolean trapFlagHidden;
  private final long[] atBegin = new long[RAW_BEGIN_WORDS];

  UnicornFrame(ByteBuffer live, ContextLayout layout, UnicornRegisters registers) {
    super(live, layout, registers);
  }

  /** Sets whether TF is the debugger's, which the guest mustn't see. */
  void hideTrapFlag(boolean hide) {
    trapFlagHidden = hide;
  }

  /** Lets the next exception arrive as itself. */
  void forgetException() {
    live.putInt(layout.oldException(), NO_EXCEPTION);
  }

  /** Returns the error code of the exception that has just arrived, whatever its vector. */
  int pendingErrorCode() {
    return live.getInt(layout.errorCode());
  }

  /** Turns to a new exception. */
  void begin(int vector) {
    this.vector = vector;
    external = false;
    software = false;
    instruction = rip();
    atBegin[0] = live.getLong(layout.rip());
    atBegin[1] = live.getLong(layout.rsp());
    atBegin[2] = live.getLong(layout.rflags());
    atBegin[3] = live.getLong(layout.flagsSource());
    atBegin[4] = live.getLong(layout.flagsOperation());
  }

  /** Turns to an exception that the machine raises itself, at RIP. */
  void beginFault(int vector, int errorCode) {
    live.putInt(layout.errorCode(), errorCode);
    begin(vector);
  }

  /** Turns to the trap that the instruction at {@code at} has raised; RIP is behind it. */
  void beginTrap(int vector, long at) {
    beginFault(vector, 0);
    instruction = at;
  }

  /** Turns to the interrupt of INT n, INT3 or INTO at {@code at}; RIP is behind it. */
  void beginSoftware(int vector, long at) {
    beginTrap(vector, at);
    software = true;
  }

  /** Turns to an interrupt from outside. */
  void beginExternal(int vector) {
    beginFault(vector, 0);
    external = true;
  }

  /** Undoes what a handler that threw has changed since {@link #begin}. */
  void rollBack() {
    live.putLong(layout.rip(), atBegin[0]);
    live.putLong(layout.rsp(), atBegin[1]);
    live.putLong(layout.rflags(), atBegin[2]);
    live.putLong(layout.flagsSource(), atBegin[3]);
    live.putLong(layout.flagsOperation(), atBegin[4]);
  }

  void setTrapFlag() {
    live.putLong(layout.rflags(), live.getLong(layout.rflags()) | TRAP_FLAG);
  }

  void clearTrapFlag() {
    live.putLong(layout.rflags(), live.getLong(layout.rflags()) & ~TRAP_FLAG);
  }

  @Override
  public int vector() {
    return vector;
  }

  @Override
  public long instruction() {
    return instruction;
  }

  @Override
  public boolean isSoftware() {
    return software;
  }

  @Override
  public boolean isExternal() {
    return external;
  }

  @Override
  public int errorCode() {
    if (software || external) {
      return 0;
    }
    return switch (vector) {
      case DOUBLE_FAULT, 10, 11, 12, GENERAL_PROTECTION, PAGE_FAULT, 17 ->
          live.getInt(layout.errorCode());
      default -> 0;
    };
  }

  @Override
  public void setErrorCode(int errorCode) {
    live.putInt(layout.errorCode(), errorCode);
  }

  @Override
  public long faultAddress() {
    return cr2();
  }

  @Override
  public long rflags() {
    long flags = super.rflags();
    return trapFlagHidden ? flags & ~TRAP_FLAG : flags;
  }
}
