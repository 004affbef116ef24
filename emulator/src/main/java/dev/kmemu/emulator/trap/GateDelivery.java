package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/**
 * Entry through a gate of the IDT, in protected mode and in long mode (Intel SDM vol. 3A, 6.11 to
 * 6.14). A task gate leads to a {@link TaskSwitch}.
 */
final class GateDelivery {

  private static final long EFER_LMA = 1L << 10;
  private static final int TASK_GATE = 0x5;
  private static final int INTERRUPT_GATE_16 = 0x6;
  private static final int TRAP_GATE_16 = 0x7;
  private static final int INTERRUPT_GATE = 0xE;
  private static final int TRAP_GATE = 0xF;
  private static final int GATE_DPL_SHIFT = 45;
  private static final long GATE_PRESENT = 1L << 47;
  private static final int RPL = 3;

  private final LinearAccess memory;
  private final DescriptorReader descriptors;
  private final HandlerStack stack;
  private final TaskSwitch tasks;

  private boolean longMode;
  private long gate;
  private long offset;
  private int pushBytes;

  GateDelivery(LinearAccess memory) {
    this.memory = memory;
    this.descriptors = new DescriptorReader(memory);
    this.stack = new HandlerStack(memory, descriptors);
    this.tasks = new TaskSwitch(memory, descriptors);
  }

  /** Enters the handler; false when {@code event} holds why not, and the CPU is as it was. */
  boolean enter(CpuState cpu, Event event) {
    longMode = (cpu.efer() & EFER_LMA) != 0;
    if (!readGate(cpu, event)) {
      return false;
    }
    int selector = (int) (gate >>> 16) & 0xFFFF;
    if (type() == TASK_GATE) {
      return tasks.enter(cpu, event, selector);
    }
    if (!readCodeSegment(cpu, event, selector)) {
      return false;
    }
    int code = descriptors.attributes();
    long base = descriptors.base();
    int limit = descriptors.limit();
    long codeSegment = descriptors.address();
    int oldCpl = cpu.cpl();
    boolean conforming = (code & SegmentAttributes.CONFORMING) != 0;
    int cpl = conforming ? oldCpl : SegmentAttributes.dpl(code);
    boolean fromVirtual8086 = (cpu.rflags() & Flags.VM) != 0;
    if (fromVirtual8086 && cpl != 0) {
      return event.fail(
          Vector.GENERAL_PROTECTION, selector, DeliveryProblem.CODE_SEGMENT, selector);
    }
    if (!isInside(limit)) {
      return event.fail(Vector.GENERAL_PROTECTION, 0, DeliveryProblem.HANDLER_OUTSIDE, offset);
    }
    if (!chooseStack(cpu, event, cpl, oldCpl)) {
      return false;
    }
    long flags = cpu.rflags();
    if (!pushFrame(cpu, event, flags, fromVirtual8086)) {
      return false;
    }
    if ((code & SegmentAttributes.ACCESSED) == 0) {
      if (!descriptors.markAccessed(codeSegment, code)) {
        return pageFault(event, DeliveryProblem.DESCRIPTOR_NOT_MAPPED);
      }
      code |= SegmentAttributes.ACCESSED;
    }
    boolean masksInterrupts = (type() & 1) == 0;
    cpu.setRflags(
        flags & ~(Flags.TF | Flags.NT | Flags.RF | Flags.VM | (masksInterrupts ? Flags.IF : 0)));
    cpu.load(SegmentRegister.CS, (selector & ~RPL) | cpl, longMode ? 0 : base, limit, code);
    stack.install(cpu);
    if (fromVirtual8086) {
      clear(cpu, SegmentRegister.DS);
      clear(cpu, SegmentRegister.ES);
      clear(cpu, SegmentRegister.FS);
      clear(cpu, SegmentRegister.GS);
    }
    cpu.setRip(offset);
    return true;
  }

  private boolean readGate(CpuState cpu, Event event) {
    int bytes = longMode ? 2 * Long.BYTES : Long.BYTES;
    int at = event.vector() * bytes;
    long limit = cpu.idtLimit() & 0xFFFF_FFFFL;
    if (at + bytes - 1 > limit) {
      return event.failAtGate(Vector.GENERAL_PROTECTION, DeliveryProblem.IDT_TOO_SHORT, limit);
    }
    long address = cpu.idtBase() + at;
    if (!memory.read(address, Long.BYTES, false)) {
      return pageFault(event, DeliveryProblem.IDT_NOT_MAPPED);
    }
    gate = memory.value();
    long high = 0;
    if (longMode) {
      if (!memory.read(address + Long.BYTES, Long.BYTES, false)) {
        return pageFault(event, DeliveryProblem.IDT_NOT_MAPPED);
      }
      high = memory.value();
    }
    if (!isGate()) {
      return event.failAtGate(Vector.GENERAL_PROTECTION, DeliveryProblem.NO_GATE, gate);
    }
    int dpl = (int) (gate >>> GATE_DPL_SHIFT) & 3;
    if (event.isSoftware() && dpl < cpu.cpl()) {
      return event.failAtGate(Vector.GENERAL_PROTECTION, DeliveryProblem.GATE_PRIVILEGE, dpl);
    }
    if ((gate & GATE_PRESENT) == 0) {
      return event.failAtGate(Vector.SEGMENT_NOT_PRESENT, DeliveryProblem.GATE_NOT_PRESENT, gate);
    }
    offset = (gate & 0xFFFF) | ((gate >>> 32) & 0xFFFF_0000L) | (high << 32);
    if (is16Bit()) {
      offset &= 0xFFFF;
    }
    pushBytes = longMode ? Long.BYTES : is16Bit() ? Short.BYTES : Integer.BYTES;
    return true;
  }

  private int type() {
    return (int) (gate >>> 40) & 0x1F;
  }

  private boolean isGate() {
    int type = type();
    return type == INTERRUPT_GATE
        || type == TRAP_GATE
        || (!longMode && (type == INTERRUPT_GATE_16 || type == TRAP_GATE_16 || type == TASK_GATE));
  }

  private boolean is16Bit() {
    return type() == INTERRUPT_GATE_16 || type() == TRAP_GATE_16;
  }

  private boolean readCodeSegment(CpuState cpu, Event event, int selector) {
    if ((selector & ~RPL) == 0) {
      return event.fail(Vector.GENERAL_PROTECTION, 0, DeliveryProblem.CODE_SEGMENT, selector);
    }
    switch (descriptors.read(cpu, selector)) {
      case FOUND -> {}
      case BEYOND_LIMIT -> {
        return event.fail(
            Vector.GENERAL_PROTECTION, selector, DeliveryProblem.CODE_SEGMENT, selector);
      }
      case PAGE_FAULT -> {
        return pageFault(event, DeliveryProblem.DESCRIPTOR_NOT_MAPPED);
      }
    }
    int code = descriptors.attributes();
    boolean is64 =
        (code & (SegmentAttributes.LONG | SegmentAttributes.BIG)) == SegmentAttributes.LONG;
    if (!SegmentAttributes.isCode(code)
        || SegmentAttributes.dpl(code) > cpu.cpl()
        || (longMode && !is64)) {
      return event.fail(
          Vector.GENERAL_PROTECTION, selector, DeliveryProblem.CODE_SEGMENT, selector);
    }
    return (code & SegmentAttributes.PRESENT) != 0
        || event.fail(Vector.SEGMENT_NOT_PRESENT, selector, DeliveryProblem.CODE_SEGMENT, selector);
  }

  private boolean isInside(int limit) {
    if (longMode) {
      return offset >> 47 == 0 || offset >> 47 == -1;
    }
    return Long.compareUnsigned(offset, limit & 0xFFFF_FFFFL) <= 0;
  }

  private boolean chooseStack(CpuState cpu, Event event, int cpl, int oldCpl) {
    boolean inner = cpl < oldCpl;
    int ist = longMode ? (int) (gate >>> 32) & 7 : 0;
    stack.keep(cpu, oldCpl);
    stack.setFlat(longMode);
    if (longMode) {
      if ((inner || ist != 0) && !stack.switchTo64(cpu, event, cpl, ist, inner)) {
        return false;
      }
      stack.align();
      return true;
    }
    return !inner || stack.switchTo32(cpu, event, cpl);
  }

  private boolean pushFrame(CpuState cpu, Event event, long flags, boolean fromVirtual8086) {
    boolean pushesStack = longMode || stack.isSwitched();
    int words = (pushesStack ? 5 : 3) + (event.hasErrorCode() ? 1 : 0) + (fromVirtual8086 ? 4 : 0);
    if (!stack.hasRoom(event, words * pushBytes)) {
      return false;
    }
    long savedFlags = event.isFault() ? flags | Flags.RF : flags;
    if (fromVirtual8086
        && !(push(event, cpu.selector(SegmentRegister.GS))
            && push(event, cpu.selector(SegmentRegister.FS))
            && push(event, cpu.selector(SegmentRegister.DS))
            && push(event, cpu.selector(SegmentRegister.ES)))) {
      return false;
    }
    if (pushesStack
        && !(push(event, cpu.selector(SegmentRegister.SS)) && push(event, cpu.general(4)))) {
      return false;
    }
    return push(event, savedFlags)
        && push(event, cpu.selector(SegmentRegister.CS))
        && push(event, cpu.rip())
        && (!event.hasErrorCode() || push(event, event.errorCode() & 0xFFFF_FFFFL));
  }

  private boolean push(Event event, long value) {
    return stack.push(event, value, pushBytes);
  }

  private static void clear(CpuState cpu, SegmentRegister segment) {
    cpu.load(segment, 0, 0, 0, 0);
  }

  private boolean pageFault(Event event, DeliveryProblem problem) {
    return event.failWith(Vector.PAGE_FAULT, memory.errorCode(), problem, memory.faultAddress());
  }
}
