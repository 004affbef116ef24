package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/** Entry through the interrupt vector table of real mode (Intel SDM vol. 3B, 20.1.4). */
final class RealModeDelivery {

  private static final int VECTOR_BYTES = 4;
  private static final int FRAME_BYTES = 6;

  private final LinearAccess memory;

  RealModeDelivery(LinearAccess memory) {
    this.memory = memory;
  }

  /** Enters the handler; false when {@code event} holds why not, and the CPU is as it was. */
  boolean enter(CpuState cpu, Event event) {
    int at = event.vector() * VECTOR_BYTES;
    long limit = cpu.idtLimit() & 0xFFFF_FFFFL;
    if (at + VECTOR_BYTES - 1 > limit) {
      return event.failWith(Vector.GENERAL_PROTECTION, 0, DeliveryProblem.IDT_TOO_SHORT, limit);
    }
    if (!memory.read(cpu.idtBase() + at, VECTOR_BYTES, false)) {
      return pageFault(event, DeliveryProblem.IDT_NOT_MAPPED);
    }
    int vector = (int) memory.value();
    long stack = cpu.general(4);
    long pointer = (stack - FRAME_BYTES) & 0xFFFF;
    long frame = cpu.base(SegmentRegister.SS);
    long flags = cpu.rflags();
    if (!push(frame, pointer + 4, flags)
        || !push(frame, pointer + 2, cpu.selector(SegmentRegister.CS))
        || !push(frame, pointer, cpu.rip())) {
      return pageFault(event, DeliveryProblem.STACK_NOT_MAPPED);
    }
    cpu.setRflags(flags & ~(Flags.IF | Flags.TF | Flags.RF | Flags.AC));
    int selector = vector >>> 16;
    cpu.load(
        SegmentRegister.CS,
        selector,
        (long) selector << 4,
        cpu.limit(SegmentRegister.CS),
        cpu.attributes(SegmentRegister.CS));
    cpu.setGeneral(4, (stack & ~0xFFFFL) | pointer);
    cpu.setRip(vector & 0xFFFFL);
    return true;
  }

  private boolean push(long base, long offset, long value) {
    return memory.write(base + (offset & 0xFFFF), Short.BYTES, value & 0xFFFF, false);
  }

  private boolean pageFault(Event event, DeliveryProblem problem) {
    return event.failWith(Vector.PAGE_FAULT, memory.errorCode(), problem, memory.faultAddress());
  }
}
