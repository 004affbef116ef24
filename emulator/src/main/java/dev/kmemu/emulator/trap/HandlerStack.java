package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/**
 * The stack that a handler starts with: the interrupted one, or one that the TSS names (Intel SDM
 * vol. 3A, 6.12.1 and 6.14.2 to 6.14.5).
 */
final class HandlerStack {

  private static final int TSS64_RSP0 = 4;
  private static final int TSS64_IST1 = 0x24;
  private static final int TSS32_ESP0 = 4;
  private static final int TSS16_SP0 = 2;
  private static final int TSS_32_BIT = 8;
  private static final int RPL = 3;
  private static final long ALIGNMENT = -16L;

  private final LinearAccess memory;
  private final DescriptorReader descriptors;

  private long pointer;
  private int selector;
  private long base;
  private int limit;
  private int attributes;
  private boolean switched;
  private boolean user;
  private boolean flat;

  HandlerStack(LinearAccess memory, DescriptorReader descriptors) {
    this.memory = memory;
    this.descriptors = descriptors;
  }

  /** Stays on the interrupted stack. */
  void keep(CpuState cpu, int cpl) {
    pointer = cpu.general(4);
    selector = cpu.selector(SegmentRegister.SS);
    base = cpu.base(SegmentRegister.SS);
    limit = cpu.limit(SegmentRegister.SS);
    attributes = cpu.attributes(SegmentRegister.SS);
    switched = false;
    user = cpl == RPL;
  }

  /** Aligns the stack as 64-bit mode does. */
  void align() {
    pointer &= ALIGNMENT;
  }

  /** Takes RSP0 to RSP2 or an interrupt stack of a 64-bit TSS. */
  boolean switchTo64(CpuState cpu, Event event, int cpl, int ist, boolean inner) {
    int offset = ist == 0 ? TSS64_RSP0 + cpl * Long.BYTES : TSS64_IST1 + (ist - 1) * Long.BYTES;
    if (!readTss(cpu, event, offset, Long.BYTES)) {
      return false;
    }
    long top = memory.value();
    if (!isCanonical(top)) {
      return event.fail(Vector.STACK_FAULT, 0, DeliveryProblem.STACK_NOT_CANONICAL, top);
    }
    if (inner) {
      selector = cpl;
      base = 0;
      limit = 0;
      attributes = SegmentAttributes.withDpl(0, cpl);
      switched = true;
      user = false;
    }
    pointer = top;
    return true;
  }

  /** Takes the stack of an inner ring from a 16- or 32-bit TSS. */
  boolean switchTo32(CpuState cpu, Event event, int cpl) {
    boolean wide = (SegmentAttributes.type(cpu.attributes(SegmentRegister.TR)) & TSS_32_BIT) != 0;
    int size = wide ? Integer.BYTES : Short.BYTES;
    int offset = (wide ? TSS32_ESP0 : TSS16_SP0) + cpl * 2 * size;
    if (!readTss(cpu, event, offset, size)) {
      return false;
    }
    long top = memory.value();
    if (!readTss(cpu, event, offset + size, Short.BYTES)) {
      return false;
    }
    int stack = (int) memory.value() & 0xFFFF;
    if ((stack & ~RPL) == 0) {
      return event.fail(Vector.INVALID_TSS, 0, DeliveryProblem.STACK_SEGMENT, stack);
    }
    switch (descriptors.read(cpu, stack)) {
      case FOUND -> {}
      case BEYOND_LIMIT -> {
        return event.fail(Vector.INVALID_TSS, stack, DeliveryProblem.STACK_SEGMENT, stack);
      }
      case PAGE_FAULT -> {
        return pageFault(event, DeliveryProblem.DESCRIPTOR_NOT_MAPPED);
      }
    }
    int found = descriptors.attributes();
    if ((stack & RPL) != cpl
        || SegmentAttributes.dpl(found) != cpl
        || !SegmentAttributes.isWritableData(found)) {
      return event.fail(Vector.INVALID_TSS, stack, DeliveryProblem.STACK_SEGMENT, stack);
    }
    if ((found & SegmentAttributes.PRESENT) == 0) {
      return event.fail(Vector.STACK_FAULT, stack, DeliveryProblem.STACK_SEGMENT, stack);
    }
    pointer = top;
    selector = stack;
    base = descriptors.base();
    limit = descriptors.limit();
    attributes = found;
    switched = true;
    user = false;
    return true;
  }

  private boolean readTss(CpuState cpu, Event event, int offset, int size) {
    long tssLimit = cpu.limit(SegmentRegister.TR) & 0xFFFF_FFFFL;
    if (offset + size - 1 > tssLimit) {
      return event.fail(
          Vector.INVALID_TSS,
          cpu.selector(SegmentRegister.TR),
          DeliveryProblem.TSS_TOO_SHORT,
          tssLimit);
    }
    return memory.read(cpu.base(SegmentRegister.TR) + offset, size, false)
        || pageFault(event, DeliveryProblem.TSS_NOT_MAPPED);
  }

  private boolean pageFault(Event event, DeliveryProblem problem) {
    return event.failWith(Vector.PAGE_FAULT, memory.errorCode(), problem, memory.faultAddress());
  }

  /** Whether it isn't the interrupted stack's segment. */
  boolean isSwitched() {
    return switched;
  }

  /** Checks that {@code bytes} can be pushed. */
  boolean hasRoom(Event event, int bytes) {
    if (flat) {
      boolean canonical = isCanonical(pointer - 1) && isCanonical(pointer - bytes);
      return canonical
          || event.fail(Vector.STACK_FAULT, 0, DeliveryProblem.STACK_NOT_CANONICAL, pointer);
    }
    long top = pointer & mask();
    long last = top == 0 ? mask() : top - 1;
    boolean expandsDown =
        (attributes & (SegmentAttributes.CODE | SegmentAttributes.CONFORMING))
            == SegmentAttributes.CONFORMING;
    long bound = limit & 0xFFFF_FFFFL;
    boolean fits = expandsDown ? last - bytes + 1 > bound : last <= bound && last + 1 >= bytes;
    return fits
        || event.fail(
            Vector.STACK_FAULT, switched ? selector : 0, DeliveryProblem.STACK_LIMIT, bound);
  }

  /** Sets whether segments count, which they don't in 64-bit mode. */
  void setFlat(boolean in64BitMode) {
    flat = in64BitMode;
  }

  boolean push(Event event, long value, int size) {
    long mask = mask();
    long next = (pointer & ~mask) | ((pointer - size) & mask);
    long address = flat ? next : (base + (next & mask)) & 0xFFFF_FFFFL;
    if (!memory.write(address, size, value, user)) {
      return pageFault(event, DeliveryProblem.STACK_NOT_MAPPED);
    }
    pointer = next;
    return true;
  }

  private static boolean isCanonical(long address) {
    return address >> 47 == 0 || address >> 47 == -1;
  }

  private long mask() {
    if (flat) {
      return -1L;
    }
    return (attributes & SegmentAttributes.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFFL;
  }

  /** Makes it the CPU's stack; CS must have been loaded. */
  void install(CpuState cpu) {
    if (switched) {
      cpu.load(SegmentRegister.SS, selector, base, limit, attributes);
    }
    cpu.setGeneral(4, pointer);
  }
}
