package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import java.util.EnumSet;

/** The CPU's registers as QEMU's {@code info registers} prints them. */
final class RegisterDump {

  private static final int IN_A_ROW = 4;
  private static final int ATTRIBUTES = 0x00FFFF00;
  private static final long CR0_PE = 1;
  private static final long EFER_LMA = 1 << 10;
  private static final String FLAGS = "DOSZAPC";
  private static final int[] FLAG_BITS = {10, 11, 7, 6, 4, 2, 0};
  private static final String[] SYSTEM_TYPES_32 = {
    "Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16",
    "TrapGate16", "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved",
    "IntGate32", "TrapGate32"
  };
  private static final String[] SYSTEM_TYPES_64 = {
    "<hiword>",
    "Reserved",
    "LDT",
    "Reserved",
    "Reserved",
    "Reserved",
    "Reserved",
    "Reserved",
    "Reserved",
    "TSS64-avl",
    "Reserved",
    "TSS64-busy",
    "CallGate64",
    "Reserved",
    "IntGate64",
    "TrapGate64"
  };

  private final RegisterFile registers;
  private final CpuState state;
  private final StringBuilder text = new StringBuilder();

  private RegisterDump(CpuEngine cpu) {
    registers = cpu.registers();
    state = cpu.state();
  }

  /** Dumps a CPU; on its thread. */
  static String of(CpuEngine cpu) {
    RegisterDump dump = new RegisterDump(cpu);
    dump.general();
    dump.segments();
    dump.control();
    dump.vectors();
    return dump.text.toString();
  }

  private void general() {
    int column = 0;
    for (Register register : EnumSet.range(Register.RAX, Register.R15)) {
      text.append(String.format("%-3s=%016x", register, registers.read(register)));
      text.append(++column % IN_A_ROW == 0 ? '\n' : ' ');
    }
    long flags = state.rflags();
    text.append(String.format("RIP=%016x RFL=%08x [", state.rip(), flags));
    for (int i = 0; i < FLAG_BITS.length; i++) {
      text.append((flags >> FLAG_BITS[i] & 1) != 0 ? FLAGS.charAt(i) : '-');
    }
    text.append(
        String.format(
            "] CPL=%d II=%d A20=1 SMM=0 HLT=0%n", state.cpl(), state.hasInterruptShadow() ? 1 : 0));
  }

  private void segments() {
    for (SegmentRegister segment : SegmentRegister.values()) {
      String name =
          switch (segment) {
            case LDTR -> "LDT";
            default -> segment.name();
          };
      int attributes = state.attributes(segment);
      text.append(
          String.format(
              is64Bit() ? "%-3s=%04x %016x %08x %08x" : "%-3s=%04x %08x %08x %08x",
              name,
              state.selector(segment),
              state.base(segment),
              state.limit(segment),
              attributes & ATTRIBUTES));
      if ((state.cr0() & CR0_PE) != 0 && (attributes & SegmentAttributes.PRESENT) != 0) {
        kind(attributes);
      }
      text.append('\n');
    }
    String table = is64Bit() ? "%s=     %016x %08x%n" : "%s=     %08x %08x%n";
    text.append(String.format(table, "GDT", state.gdtBase(), state.gdtLimit()));
    text.append(String.format(table, "IDT", state.idtBase(), state.idtLimit()));
  }

  private void kind(int attributes) {
    text.append(" DPL=").append(SegmentAttributes.dpl(attributes)).append(' ');
    if ((attributes & SegmentAttributes.NOT_SYSTEM) == 0) {
      text.append(
          (isLongMode() ? SYSTEM_TYPES_64 : SYSTEM_TYPES_32)[SegmentAttributes.type(attributes)]);
      return;
    }
    boolean big = (attributes & SegmentAttributes.BIG) != 0;
    boolean code = SegmentAttributes.isCode(attributes);
    if (code) {
      boolean wide = (attributes & SegmentAttributes.LONG) != 0;
      text.append(wide ? "CS64" : big ? "CS32" : "CS16");
    } else {
      text.append(big || isLongMode() ? "DS  " : "DS16");
    }
    text.append(" [");
    flag(attributes, SegmentAttributes.CONFORMING, code ? 'C' : 'E');
    flag(attributes, SegmentAttributes.WRITABLE, code ? 'R' : 'W');
    flag(attributes, SegmentAttributes.ACCESSED, 'A');
    text.append(']');
  }

  private void flag(int attributes, int bit, char letter) {
    text.append((attributes & bit) != 0 ? letter : '-');
  }

  private void control() {
    text.append(
        String.format(
            is64Bit()
                ? "CR0=%08x CR2=%016x CR3=%016x CR4=%08x%n"
                : "CR0=%08x CR2=%08x CR3=%08x CR4=%08x%n",
            state.cr0(),
            state.cr2(),
            state.cr3(),
            state.cr4()));
    text.append(
        String.format(
            "DR0=%016x DR1=%016x DR2=%016x DR3=%016x%nDR6=%016x DR7=%016x%nEFER=%016x%n",
            registers.read(Register.DR0),
            registers.read(Register.DR1),
            registers.read(Register.DR2),
            registers.read(Register.DR3),
            state.dr6(),
            state.dr7(),
            state.efer()));
  }

  private void vectors() {
    text.append(
        String.format(
            "FCW=%04x FSW=%04x FTW=%02x MXCSR=%08x%n",
            registers.read(Register.FCTRL),
            registers.read(Register.FSTAT),
            registers.read(Register.FTAG),
            registers.read(Register.MXCSR)));
    int number = 0;
    for (Register xmm : EnumSet.range(Register.XMM0, Register.XMM15)) {
      byte[] bytes = new byte[xmm.bytes()];
      registers.read(xmm, bytes, 0);
      text.append(String.format("XMM%02d=", number++));
      for (int at = bytes.length - 1; at >= 0; at--) {
        text.append(String.format("%02x", bytes[at]));
      }
      text.append(number % 2 == 0 ? '\n' : ' ');
    }
  }

  private boolean isLongMode() {
    return (state.efer() & EFER_LMA) != 0;
  }

  /** QEMU prints 64-bit values while CS is 64-bit. */
  private boolean is64Bit() {
    return isLongMode() && (state.attributes(SegmentRegister.CS) & SegmentAttributes.LONG) != 0;
  }
}
