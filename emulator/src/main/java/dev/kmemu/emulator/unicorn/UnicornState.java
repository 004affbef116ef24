package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.PagingMode;
import java.nio.ByteBuffer;

/** The CPU's state, read and patched where the engine keeps it. */
class UnicornState implements CpuState {

  private static final long CARRY_TO_OVERFLOW = 0x8D5;
  private static final long DIRECTION = 1L << 10;
  private static final long ALWAYS_SET = 2;
  private static final int FLAGS_AS_THEY_ARE = 1;
  private static final long CR0_PE = 1;
  private static final long RFLAGS_VM = 1L << 17;

  /** In the type of a task: the library keeps the one it has loaded as one that isn't busy. */
  private static final int TSS_BUSY = 1 << 9;

  private static final int HF2_NMI = 1 << 2;
  private static final long CR0_TS = 1L << 3;
  private static final int HF_TS = 1 << 11;
  private static final int HF_CPL = 3;
  private static final int HF_INHIBIT = 1 << 3;
  private static final int HF_CS32 = 1 << 4;
  private static final int HF_SS32 = 1 << 5;
  private static final int HF_ADDSEG = 1 << 6;
  private static final int HF_LMA = 1 << 14;
  private static final int HF_CS64 = 1 << 15;
  private static final int HF_SMAP = 1 << 23;

  /** Of a page fault's error code: P and U/S. */
  private static final int PRESENT = 1;

  private static final int PRESENT_OR_USER = 5;

  final ByteBuffer live;
  final ContextLayout layout;
  final UnicornRegisters registers;

  private boolean taskSwitched;

  UnicornState(ByteBuffer live, ContextLayout layout, UnicornRegisters registers) {
    this.live = live;
    this.layout = layout;
    this.registers = registers;
  }

  @Override
  public long general(int encoding) {
    return live.getLong(layout.general(encoding));
  }

  @Override
  public void setGeneral(int encoding, long value) {
    live.putLong(layout.general(encoding), value);
  }

  @Override
  public long rip() {
    return live.getLong(layout.rip());
  }

  @Override
  public long linearRip() {
    return in64BitMode() ? rip() : (base(SegmentRegister.CS) + rip()) & 0xFFFF_FFFFL;
  }

  @Override
  public void setRip(long rip) {
    live.putLong(layout.rip(), rip);
  }

  /** RFLAGS as they lie in the state, arithmetic flags not up to date: needs no crossing. */
  long rawRflags() {
    return live.getLong(layout.rflags());
  }

  /** Returns the RIP of the instruction behind one of {@code length} bytes at RIP. */
  long nextRip(int length) {
    long next = rip() + length;
    return in64BitMode() ? next : next & 0xFFFF_FFFFL;
  }

  /** Returns what the engine tells of the last intercept. */
  int interceptDetail() {
    return live.getInt(layout.errorCode());
  }

  /** Whether a non-maskable interrupt is being handled; IRET ends it. */
  boolean isNmiBlocked() {
    return (live.getInt(layout.hflags() + Integer.BYTES) & HF2_NMI) != 0;
  }

  void blockNmi() {
    int at = layout.hflags() + Integer.BYTES;
    live.putInt(at, live.getInt(at) | HF2_NMI);
  }

  void endNmi() {
    int at = layout.hflags() + Integer.BYTES;
    live.putInt(at, live.getInt(at) & ~HF2_NMI);
  }

  int taskPriority() {
    return layout.taskPriority() >= 0 ? live.get(layout.taskPriority()) & 0xF : 0;
  }

  @Override
  public void setTaskPriority(int priority) {
    if (layout.taskPriority() >= 0) {
      live.put(layout.taskPriority(), (byte) priority);
    }
  }

  void stopCheckingCr0() {
    int at = layout.controlWriteIntercepts();
    live.putShort(at, (short) (live.getShort(at) & ~1));
  }

  boolean in64BitMode() {
    return (live.getInt(layout.hflags()) & HF_CS64) != 0;
  }

  @Override
  public long rflags() {
    // The state holds the arithmetic flags as the operands of the last operation.
    return registers.read(Register.RFLAGS);
  }

  @Override
  public void setRflags(long rflags) {
    live.putLong(layout.rflags(), (rflags & ~(CARRY_TO_OVERFLOW | DIRECTION)) | ALWAYS_SET);
    live.putLong(layout.flagsSource(), rflags & CARRY_TO_OVERFLOW);
    live.putInt(layout.flagsOperation(), FLAGS_AS_THEY_ARE);
    live.putInt(layout.direction(), (rflags & DIRECTION) == 0 ? 1 : -1);
  }

  /**
   * Puts the flags where the library looks for them when a run begins, which is elsewhere than
   * during the run.
   */
  void flagsToEntry() {
    if (live.getInt(layout.flagsOperation()) == FLAGS_AS_THEY_ARE) {
      long others = live.getLong(layout.rflags()) & ~(CARRY_TO_OVERFLOW | DIRECTION);
      long arithmetic = live.getLong(layout.flagsSource()) & CARRY_TO_OVERFLOW;
      long direction = live.getInt(layout.direction()) < 0 ? DIRECTION : 0;
      live.putLong(layout.rflags(), others | arithmetic | direction);
    }
  }

  @Override
  public int cpl() {
    return live.getInt(layout.hflags()) & HF_CPL;
  }

  @Override
  public int selector(SegmentRegister segment) {
    return live.getInt(layout.selector(segment.encoding())) & 0xFFFF;
  }

  @Override
  public long base(SegmentRegister segment) {
    return live.getLong(layout.base(segment.encoding()));
  }

  @Override
  public int limit(SegmentRegister segment) {
    return live.getInt(layout.limit(segment.encoding()));
  }

  @Override
  public int attributes(SegmentRegister segment) {
    return live.getInt(layout.attributes(segment.encoding())) & SegmentAttributes.MASK;
  }

  @Override
  public void load(SegmentRegister segment, int selector, long base, int limit, int attributes) {
    int index = segment.encoding();
    live.putInt(layout.selector(index), selector & 0xFFFF);
    live.putLong(layout.base(index), base);
    live.putInt(layout.limit(index), limit);
    // An inner call with a busy task, or none, makes the library abort the process.
    boolean busy = segment == SegmentRegister.TR;
    live.putInt(layout.attributes(index), busy ? attributes & ~TSS_BUSY : attributes);
    if (!segment.isSystem()) {
      live.putInt(layout.hflags(), derivedFlags());
    }
  }

  /**
   * Lets the instruction at RIP begin anew without SMAP, if that is what it has faulted for at CPL
   * 3: the library takes the stack of a far return, of IRET and of far calls for the supervisor's
   * there. SMAP is back with the next entry into the kernel, whose segments are loaded.
   */
  boolean passesUsersStackBySmap() {
    int flags = live.getInt(layout.hflags());
    boolean wrong =
        (flags & (HF_CPL | HF_SMAP)) == (HF_CPL | HF_SMAP)
            && (live.getInt(layout.errorCode()) & PRESENT_OR_USER) == PRESENT;
    if (wrong) {
      live.putInt(layout.hflags(), flags & ~HF_SMAP);
    }
    return wrong;
  }

  /** The part of the derived flags that comes from segments. */
  private int derivedFlags() {
    int flags = live.getInt(layout.hflags());
    int code = attributes(SegmentRegister.CS);
    int stack = attributes(SegmentRegister.SS);
    int kept =
        (flags & ~(HF_CPL | HF_CS32 | HF_CS64 | HF_SS32 | HF_ADDSEG | HF_SMAP))
            | ((cr4() & PagingMode.CR4_SMAP) != 0 ? HF_SMAP : 0);
    boolean virtual8086 = (live.getLong(layout.rflags()) & RFLAGS_VM) != 0;
    boolean real = (cr0() & CR0_PE) == 0;
    if (virtual8086) {
      kept |= HF_CPL;
    } else if (!real) {
      kept |= SegmentAttributes.dpl(stack);
    }
    if ((flags & HF_LMA) != 0 && (code & SegmentAttributes.LONG) != 0) {
      return kept | HF_CS32 | HF_SS32 | HF_CS64;
    }
    boolean wide = (code & SegmentAttributes.BIG) != 0;
    boolean segmented =
        real
            || virtual8086
            || !wide
            || (base(SegmentRegister.DS) | base(SegmentRegister.ES) | base(SegmentRegister.SS))
                != 0;
    return kept
        | (wide ? HF_CS32 : 0)
        | ((stack & SegmentAttributes.BIG) != 0 ? HF_SS32 : 0)
        | (segmented ? HF_ADDSEG : 0);
  }

  @Override
  public long gdtBase() {
    return live.getLong(layout.gdtBase());
  }

  @Override
  public int gdtLimit() {
    return live.getInt(layout.gdtLimit());
  }

  @Override
  public long idtBase() {
    return live.getLong(layout.idtBase());
  }

  @Override
  public int idtLimit() {
    return live.getInt(layout.idtLimit());
  }

  @Override
  public long cr0() {
    return live.getLong(layout.cr(0));
  }

  @Override
  public long cr2() {
    return live.getLong(layout.cr2());
  }

  @Override
  public void setCr2(long address) {
    live.putLong(layout.cr2(), address);
  }

  @Override
  public long cr3() {
    return live.getLong(layout.cr3());
  }

  @Override
  public void switchTask(long cr3) {
    live.putLong(layout.cr3(), cr3);
    live.putLong(layout.cr(0), cr0() | CR0_TS);
    live.putInt(layout.hflags(), live.getInt(layout.hflags()) | HF_TS);
    taskSwitched = true;
  }

  /** Tells once whether translations of another task must be dropped. */
  boolean takeTaskSwitch() {
    boolean switched = taskSwitched;
    taskSwitched = false;
    return switched;
  }

  @Override
  public long cr4() {
    return live.getLong(layout.cr(4));
  }

  @Override
  public long efer() {
    return live.getLong(layout.efer());
  }

  @Override
  public long dr6() {
    return live.getLong(layout.dr(6));
  }

  @Override
  public void setDr6(long value) {
    live.putLong(layout.dr(6), value);
  }

  @Override
  public long dr7() {
    return live.getLong(layout.dr(7));
  }

  @Override
  public void setDr7(long value) {
    live.putLong(layout.dr(7), value);
  }

  /** Returns DR0 to DR3. */
  long breakpointAddress(int number) {
    return live.getLong(layout.dr(number));
  }

  /** Sets whether MOV from debug registers ends in an intercept. */
  void interceptDebugReads(boolean intercept) {
    live.putShort(layout.debugReadIntercepts(), intercept ? Intercept.debugRegisters() : 0);
  }

  void setBreakpointAddress(int number, long address) {
    live.putLong(layout.dr(number), address);
  }

  @Override
  public boolean hasInterruptShadow() {
    return (live.getInt(layout.hflags()) & HF_INHIBIT) != 0;
  }

  @Override
  public void clearInterruptShadow() {
    live.putInt(layout.hflags(), live.getInt(layout.hflags()) & ~HF_INHIBIT);
  }

  @Override
  public long msr(int index) {
    return registers.readMsr(index);
  }

  @Override
  public void setMsr(int index, long value) {
    registers.writeMsr(index, value);
  }
}
