package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/**
 * The switch to a task that a task gate of the IDT names (Intel SDM vol. 3A, 6.12.2 and 7.3), for
 * 32-bit TSSs. All that the new task needs is looked at before anything changes, so that a broken
 * one is the interrupted task's fault, where a CPU may raise it in the new one.
 */
final class TaskSwitch {

  private static final int BYTES = 0x68;
  private static final int BACK_LINK = 0;
  private static final int CR3 = 0x1C;
  private static final int EIP = 0x20;
  private static final int EFLAGS = 0x24;
  private static final int GENERAL = 0x28;
  private static final int SELECTORS = 0x48;
  private static final int LDT = 0x60;
  private static final int TYPE_BYTE = 5;
  private static final int AVAILABLE = 9;
  private static final int BUSY = 2;
  private static final int LDT_TYPE = 2;
  private static final int TABLE_INDICATOR = 4;
  private static final int RPL = 3;
  private static final int STACK_POINTER = 4;
  private static final long LOW = 0xFFFF_FFFFL;
  private static final long CR0_PG = 1L << 31;
  private static final long LOCAL_BREAKPOINTS = 0x155;

  /** In the order of a TSS, which is that of their encoding. */
  private static final SegmentRegister[] SEGMENTS = {
    SegmentRegister.ES, SegmentRegister.CS, SegmentRegister.SS,
    SegmentRegister.DS, SegmentRegister.FS, SegmentRegister.GS
  };

  private final LinearAccess memory;
  private final DescriptorReader descriptors;
  private final int[] state = new int[BYTES / Integer.BYTES];
  private final int[] attributes = new int[SEGMENTS.length];
  private final long[] bases = new long[SEGMENTS.length];
  private final int[] limits = new int[SEGMENTS.length];

  TaskSwitch(LinearAccess memory, DescriptorReader descriptors) {
    this.memory = memory;
    this.descriptors = descriptors;
  }

  /** Switches to the task; false when {@code event} holds why not, and the CPU is as it was. */
  boolean enter(CpuState cpu, Event event, int selector) {
    if ((selector & TABLE_INDICATOR) != 0 || !read(cpu, selector)) {
      return event.fail(Vector.GENERAL_PROTECTION, selector, DeliveryProblem.TASK, selector);
    }
    int type = descriptors.attributes();
    long task = descriptors.base();
    long limit = descriptors.limit() & LOW;
    long descriptor = descriptors.address();
    if ((type & SegmentAttributes.NOT_SYSTEM) != 0 || SegmentAttributes.type(type) != AVAILABLE) {
      return event.fail(Vector.GENERAL_PROTECTION, selector, DeliveryProblem.TASK, selector);
    }
    if ((type & SegmentAttributes.PRESENT) == 0) {
      return event.fail(Vector.SEGMENT_NOT_PRESENT, selector, DeliveryProblem.TASK, selector);
    }
    int old = cpu.selector(SegmentRegister.TR);
    boolean oldFits =
        (SegmentAttributes.type(cpu.attributes(SegmentRegister.TR)) & ~BUSY) == AVAILABLE
            && (cpu.limit(SegmentRegister.TR) & LOW) >= BYTES - 1;
    if (limit < BYTES - 1 || !oldFits) {
      return event.fail(Vector.INVALID_TSS, selector, DeliveryProblem.TASK, selector);
    }
    if (!readTask(event, task) || !readSegments(cpu, event)) {
      return false;
    }
    if (!save(cpu, event) || !link(event, task, old, descriptor, type)) {
      return false;
    }
    load(cpu, selector, task, (int) limit, type);
    return pushErrorCode(cpu, event);
  }

  private boolean read(CpuState cpu, int selector) {
    return (selector & ~RPL) != 0
        && descriptors.read(cpu, selector) == DescriptorReader.Result.FOUND;
  }

  private boolean readTask(Event event, long task) {
    for (int i = 0; i < state.length; i++) {
      if (!memory.read(task + (long) i * Integer.BYTES, Integer.BYTES, false)) {
        return pageFault(event);
      }
      state[i] = (int) memory.value();
    }
    return true;
  }

  private boolean readSegments(CpuState cpu, Event event) {
    int table = state[LDT / Integer.BYTES] & 0xFFFF;
    if ((state[EFLAGS / Integer.BYTES] & Flags.VM) != 0 || (table & ~RPL) != 0) {
      return event.fail(Vector.INVALID_TSS, table, DeliveryProblem.TASK, table);
    }
    int cpl = selector(1) & RPL;
    for (int i = 0; i < SEGMENTS.length; i++) {
      int selector = selector(i);
      boolean required = SEGMENTS[i] == SegmentRegister.CS || SEGMENTS[i] == SegmentRegister.SS;
      attributes[i] = 0;
      bases[i] = 0;
      limits[i] = 0;
      if ((selector & ~RPL) == 0 && !required) {
        continue;
      }
      if ((selector & TABLE_INDICATOR) != 0 || !read(cpu, selector) || !fits(i, cpl)) {
        return event.fail(Vector.INVALID_TSS, selector, DeliveryProblem.TASK, selector);
      }
      attributes[i] = descriptors.attributes() | SegmentAttributes.ACCESSED;
      bases[i] = descriptors.base();
      limits[i] = descriptors.limit();
    }
    return true;
  }

  private boolean fits(int index, int cpl) {
    int found = descriptors.attributes();
    if ((found & SegmentAttributes.PRESENT) == 0 || (found & SegmentAttributes.NOT_SYSTEM) == 0) {
      return false;
    }
    int dpl = SegmentAttributes.dpl(found);
    boolean conforming =
        SegmentAttributes.isCode(found) && (found & SegmentAttributes.CONFORMING) != 0;
    return switch (SEGMENTS[index]) {
      case CS -> SegmentAttributes.isCode(found) && (conforming ? dpl <= cpl : dpl == cpl);
      case SS ->
          SegmentAttributes.isWritableData(found) && dpl == cpl && (selector(index) & RPL) == cpl;
      default ->
          (!SegmentAttributes.isCode(found) || (found & SegmentAttributes.WRITABLE) != 0)
              && (conforming || dpl >= Math.max(cpl, selector(index) & RPL));
    };
  }

  private int selector(int index) {
    return state[SELECTORS / Integer.BYTES + index] & 0xFFFF;
  }

  private boolean save(CpuState cpu, Event event) {
    long old = cpu.base(SegmentRegister.TR);
    long flags = event.isFault() ? cpu.rflags() | Flags.RF : cpu.rflags();
    boolean saved = write(old + EIP, cpu.rip()) && write(old + EFLAGS, flags);
    for (int i = 0; saved && i < Long.BYTES; i++) {
      saved = write(old + GENERAL + (long) i * Integer.BYTES, cpu.general(i));
    }
    for (int i = 0; saved && i < SEGMENTS.length; i++) {
      saved = write(old + SELECTORS + (long) i * Integer.BYTES, cpu.selector(SEGMENTS[i]));
    }
    return saved || pageFault(event);
  }

  private boolean link(Event event, long task, int old, long descriptor, int type) {
    int busy = (type >>> Byte.SIZE & 0xFF) | BUSY;
    return (memory.write(task + BACK_LINK, Short.BYTES, old, false)
            && memory.write(descriptor + TYPE_BYTE, 1, busy, false))
        || pageFault(event);
  }

  private boolean write(long address, long value) {
    return memory.write(address, Integer.BYTES, value & LOW, false);
  }

  private void load(CpuState cpu, int selector, long task, int limit, int type) {
    cpu.load(SegmentRegister.TR, selector, task, limit, type);
    cpu.switchTask((cpu.cr0() & CR0_PG) == 0 ? cpu.cr3() : state[CR3 / Integer.BYTES] & LOW);
    cpu.setDr7(cpu.dr7() & ~LOCAL_BREAKPOINTS);
    cpu.setRflags((state[EFLAGS / Integer.BYTES] & LOW) | Flags.NT);
    for (int i = 0; i < Long.BYTES; i++) {
      cpu.setGeneral(i, state[GENERAL / Integer.BYTES + i] & LOW);
    }
    cpu.load(SegmentRegister.LDTR, 0, 0, 0, SegmentAttributes.PRESENT | LDT_TYPE << Byte.SIZE);
    for (int i = 0; i < SEGMENTS.length; i++) {
      cpu.load(SEGMENTS[i], selector(i), bases[i], limits[i], attributes[i]);
    }
    cpu.setRip(state[EIP / Integer.BYTES] & LOW);
    memory.enter(cpu);
  }

  private boolean pushErrorCode(CpuState cpu, Event event) {
    if (!event.hasErrorCode()) {
      return true;
    }
    long pointer = (cpu.general(STACK_POINTER) - Integer.BYTES) & LOW;
    boolean wide = (cpu.attributes(SegmentRegister.SS) & SegmentAttributes.BIG) != 0;
    long at = cpu.base(SegmentRegister.SS) + (wide ? pointer : pointer & 0xFFFF);
    cpu.setGeneral(STACK_POINTER, pointer);
    return memory.write(at & LOW, Integer.BYTES, event.errorCode() & LOW, cpu.cpl() == RPL)
        || pageFault(event);
  }

  private boolean pageFault(Event event) {
    return event.failWith(
        Vector.PAGE_FAULT,
        memory.errorCode(),
        DeliveryProblem.TSS_NOT_MAPPED,
        memory.faultAddress());
  }
}
