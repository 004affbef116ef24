package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import java.nio.ByteBuffer;

/**
 * A view of the CPU's state, or of the context that was saved when the trap came.
 *
 * <p>Of RFLAGS only what isn't arithmetic can be set: TF, IF, NT, RF and the like.
 */
final class UnicornFrame implements InterruptibleFrame {

  private static final long TRAP_FLAG = 1L << 8;
  private static final long ARITHMETIC = 0x8D5 | 0x400; // CF PF AF ZF SF OF, and DF
  private static final int FIRST_EXTERNAL_VECTOR = 32;
  private static final int OVERFLOW = 4;

  private final ByteBuffer blob;
  private final ContextLayout layout;
  private final RegisterFile registers;
  private int vector;
  private boolean trapFlagHidden;
  private long ripAtBegin;
  private long rspAtBegin;
  private long rflagsAtBegin;

  UnicornFrame(ByteBuffer blob, ContextLayout layout, RegisterFile registers) {
    this.registers = registers;
    this.blob = blob;
    this.layout = layout;
  }

  /**
   * Turns to a new trap.
   *
   * @param trapFlagHidden whether TF is the debugger's, which the guest mustn't see
   */
  void begin(int vector, boolean trapFlagHidden) {
    this.vector = vector;
    this.trapFlagHidden = trapFlagHidden;
    ripAtBegin = blob.getLong(layout.rip());
    rspAtBegin = blob.getLong(layout.rsp());
    rflagsAtBegin = blob.getLong(layout.rflags());
  }

  /** Undoes what a handler that threw has changed since {@link #begin}. */
  void rollBack() {
    blob.putLong(layout.rip(), ripAtBegin);
    blob.putLong(layout.rsp(), rspAtBegin);
    blob.putLong(layout.rflags(), rflagsAtBegin);
  }

  void clearTrapFlag() {
    blob.putLong(layout.rflags(), blob.getLong(layout.rflags()) & ~TRAP_FLAG);
  }

  @Override
  public int vector() {
    return vector;
  }

  @Override
  public boolean isSoftware() {
    return vector == BREAKPOINT || vector == OVERFLOW || vector >= FIRST_EXTERNAL_VECTOR;
  }

  @Override
  public int errorCode() {
    return switch (vector) {
      case DOUBLE_FAULT, 10, 11, 12, GENERAL_PROTECTION, PAGE_FAULT, 17 ->
          blob.getInt(layout.errorCode());
      default -> 0;
    };
  }

  @Override
  public long faultAddress() {
    return blob.getLong(layout.cr2());
  }

  @Override
  public long rip() {
    return blob.getLong(layout.rip());
  }

  @Override
  public long rflags() {
    // The state holds the arithmetic flags elsewhere, as the operands of the last operation.
    long flags = registers.read(Register.RFLAGS);
    return trapFlagHidden ? flags & ~TRAP_FLAG : flags;
  }

  @Override
  public int cpl() {
    return blob.getInt(layout.hflags()) & 3;
  }

  @Override
  public long rsp() {
    return blob.getLong(layout.rsp());
  }

  @Override
  public int cs() {
    return blob.getInt(layout.cs()) & 0xFFFF;
  }

  @Override
  public int ss() {
    return blob.getInt(layout.ss()) & 0xFFFF;
  }

  @Override
  public void setRip(long rip) {
    blob.putLong(layout.rip(), rip);
  }

  @Override
  public void setRsp(long rsp) {
    blob.putLong(layout.rsp(), rsp);
  }

  @Override
  public void setRflags(long rflags) {
    long kept = blob.getLong(layout.rflags()) & ARITHMETIC;
    blob.putLong(layout.rflags(), (rflags & ~ARITHMETIC) | kept);
  }
}
