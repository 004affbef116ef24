package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Delivery through the guest's IDT in 64-bit mode, from CPL 0 to a handler at CPL 0 (Intel SDM vol.
 * 3A, 6.14), because the engine never walks an IDT itself. Interrupt and trap gates, IST stacks and
 * error codes are as the manual says; a change of privilege is refused.
 */
final class GuestIdt {

  private static final int GATE_BYTES = 16;
  private static final int INTERRUPT_GATE = 0xE;
  private static final int TRAP_GATE = 0xF;
  private static final int TSS_IST1 = 0x24;
  private static final long CR0_PAGING = 1L << 31;
  private static final long EFER_LMA = 1L << 10;

  private static final long RFLAGS_TF = 1L << 8;
  private static final long RFLAGS_IF = 1L << 9;
  private static final long RFLAGS_NT = 1L << 14;
  private static final long RFLAGS_RF = 1L << 16;
  private static final long RFLAGS_VM = 1L << 17;

  private static final Register[] NEEDED = {
    Register.CR0,
    Register.CR3,
    Register.CR4,
    Register.EFER,
    Register.IDTR_BASE,
    Register.IDTR_LIMIT,
    Register.TR_BASE
  };

  private final VirtualMemory memory;
  private final RegisterFile registers;
  private final long[] values = new long[NEEDED.length];
  private final byte[] bytes = new byte[6 * Long.BYTES];
  private final ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

  GuestIdt(PhysicalMemory ram, RegisterFile registers) {
    this.memory = new VirtualMemory(ram);
    this.registers = registers;
  }

  Delivery deliver(InterruptibleFrame frame) {
    registers.read(NEEDED, values);
    long cr0 = values[0];
    long efer = values[3];
    if ((cr0 & CR0_PAGING) == 0 || (efer & EFER_LMA) == 0) {
      return new Delivery.Refused("the guest isn't in long mode, so its IDT wasn't asked");
    }
    if (frame.cpl() != 0) {
      return new Delivery.Refused(
          "CPL is " + frame.cpl() + ", and handlers are entered from CPL 0 only");
    }
    PagingMode mode = PagingMode.of(cr0, values[1], values[2], efer, frame.rflags());
    int vector = frame.vector();
    long limit = values[5];
    int offset = vector * GATE_BYTES;
    if (offset + GATE_BYTES - 1L > limit) {
      return new Delivery.Refused(
          String.format("the guest's IDT has no vector %d (limit 0x%x)", vector, limit));
    }
    VirtualAddress gate = new VirtualAddress(values[4] + offset);
    if (memory.read(mode, gate, bytes, 0, GATE_BYTES) != GATE_BYTES) {
      return new Delivery.Refused("the guest's IDT isn't mapped at " + gate);
    }
    long low = words.getLong(0);
    int type = (int) (low >>> 40) & 0xF;
    boolean present = ((low >>> 47) & 1) != 0;
    if (!present || (type != INTERRUPT_GATE && type != TRAP_GATE)) {
      return new Delivery.Refused(
          String.format("the guest's IDT has no gate for vector %d (0x%016x)", vector, low));
    }
    int selector = (int) (low >>> 16) & 0xFFFF;
    if (selector != frame.cs()) {
      return new Delivery.Refused(
          String.format(
              "the gate of vector %d changes CS from 0x%x to 0x%x", vector, frame.cs(), selector));
    }
    long handler =
        (low & 0xFFFF) | ((low >>> 32) & 0xFFFF_0000L) | (words.getLong(Long.BYTES) << 32);
    int ist = (int) (low >>> 32) & 7;
    return enter(frame, mode, handler, ist, type == INTERRUPT_GATE);
  }

  private Delivery enter(
      InterruptibleFrame frame, PagingMode mode, long handler, int ist, boolean masksInterrupts) {
    long stack = frame.rsp();
    if (ist != 0) {
      VirtualAddress slot = new VirtualAddress(values[6] + TSS_IST1 + (ist - 1L) * Long.BYTES);
      if (memory.read(mode, slot, bytes, 0, Long.BYTES) != Long.BYTES) {
        return new Delivery.Refused("the guest's TSS isn't mapped at " + slot);
      }
      stack = words.getLong(0);
    }
    boolean pushesErrorCode = hasErrorCode(frame.vector());
    int pushed = (pushesErrorCode ? 6 : 5) * Long.BYTES;
    VirtualAddress top = new VirtualAddress((stack & -16L) - pushed);
    boolean isFault = !frame.isSoftware() && frame.vector() != TrapFrame.DEBUG;
    int at = 0;
    if (pushesErrorCode) {
      words.putLong(at, frame.errorCode() & 0xFFFF_FFFFL);
      at += Long.BYTES;
    }
    words.putLong(at, frame.rip());
    words.putLong(at + Long.BYTES, frame.cs());
    words.putLong(at + 2 * Long.BYTES, isFault ? frame.rflags() | RFLAGS_RF : frame.rflags());
    words.putLong(at + 3 * Long.BYTES, frame.rsp());
    words.putLong(at + 4 * Long.BYTES, frame.ss());
    if (memory.write(mode, top, bytes, 0, pushed) != pushed) {
      return new Delivery.Refused("the handler's stack isn't mapped at " + top);
    }
    long cleared =
        RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM | (masksInterrupts ? RFLAGS_IF : 0);
    frame.setRflags(frame.rflags() & ~cleared);
    frame.setRsp(top.value());
    frame.setRip(handler);
    return Delivery.Done.INSTANCE;
  }

  private static boolean hasErrorCode(int vector) {
    return switch (vector) {
      case 8, 10, 11, 12, 13, 14, 17, 21 -> true;
      default -> false;
    };
  }
}
