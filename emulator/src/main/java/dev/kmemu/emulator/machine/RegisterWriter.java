package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.trap.SegmentLoader;
import org.jspecify.annotations.Nullable;

/** Writes registers from outside, as instructions would: with their rules and what follows. */
final class RegisterWriter {

  /** PE, MP, EM, TS, ET, NE, WP, AM, NW, CD, PG; ET is always set. */
  private static final long CR0_KNOWN = 0xE005_003FL;

  private static final long CR0_ET = 1L << 4;
  private static final long EFER_LMA = 1L << 10;
  private static final long RFLAGS_KNOWN = 0x3F_7FD5L;
  private static final long RFLAGS_ALWAYS = 2;
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR6_ALWAYS = 0xFFFF_0FF0L;
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;
  private static final long DR7_ALWAYS = 0x400;
  private static final int CR8 = 8;

  private final SegmentLoader segments;
  private final Processor processor;

  RegisterWriter(PhysicalMemory ram, Processor processor) {
    segments = new SegmentLoader(ram);
    this.processor = processor;
  }

  /**
   * Writes a register. A value that it holds already is accepted whatever it is.
   *
   * @throws IllegalArgumentException when the CPU refuses the value, saying which bits are wrong
   */
  void write(CpuEngine cpu, Register register, byte[] source, int offset) {
    if (register.isWide()) {
      cpu.registers().write(register, source, offset);
      return;
    }
    long value = 0;
    for (int at = register.bytes() - 1; at >= 0; at--) {
      value = (value << Byte.SIZE) | (source[offset + at] & 0xFF);
    }
    if (cpu.registers().read(register) == value) {
      return;
    }
    String refusal = RegisterRules.refusal(cpu.state(), register, value);
    SegmentRegister segment = segment(register);
    if (refusal == null && segment != null) {
      refusal = segments.load(cpu.state(), segment, (int) value);
    }
    if (refusal != null) {
      throw new IllegalArgumentException(
          String.format("%s can't be 0x%x: %s", register, value, refusal));
    }
    if (segment == null) {
      store(cpu, register, value);
    }
    if (register.group() == RegisterGroup.CONTROL) {
      cpu.tlb().invalidateAll();
    }
  }

  private void store(CpuEngine cpu, Register register, long value) {
    CpuState state = cpu.state();
    switch (register) {
      case CR0 -> cpu.registers().write(register, (value & CR0_KNOWN) | CR0_ET);
      case EFER -> cpu.registers().write(register, (value & ~EFER_LMA) | (state.efer() & EFER_LMA));
      case CR8 -> {
        processor.writeControl(state, CR8, value);
        cpu.registers().write(register, value);
      }
      case RFLAGS -> cpu.registers().write(register, (value & RFLAGS_KNOWN) | RFLAGS_ALWAYS);
      case DR6 -> state.setDr6((value & DR6_WRITABLE) | DR6_ALWAYS);
      case DR7 -> state.setDr7((value & DR7_WRITABLE) | DR7_ALWAYS);
      case LDTR_BASE -> system(state, SegmentRegister.LDTR, value, null);
      case LDTR_LIMIT -> system(state, SegmentRegister.LDTR, null, (int) value);
      case TR_BASE -> system(state, SegmentRegister.TR, value, null);
      case TR_LIMIT -> system(state, SegmentRegister.TR, null, (int) value);
      default -> cpu.registers().write(register, value);
    }
  }

  /** Sets a part of LDTR or TR that no instruction sets alone. */
  private static void system(
      CpuState state, SegmentRegister segment, @Nullable Long base, @Nullable Integer limit) {
    state.load(
        segment,
        state.selector(segment),
        base == null ? state.base(segment) : base,
        limit == null ? state.limit(segment) : limit,
        state.attributes(segment));
  }

  private static @Nullable SegmentRegister segment(Register register) {
    return switch (register) {
      case CS -> SegmentRegister.CS;
      case SS -> SegmentRegister.SS;
      case DS -> SegmentRegister.DS;
      case ES -> SegmentRegister.ES;
      case FS -> SegmentRegister.FS;
      case GS -> SegmentRegister.GS;
      case LDTR -> SegmentRegister.LDTR;
      case TR -> SegmentRegister.TR;
      default -> null;
    };
  }
}
