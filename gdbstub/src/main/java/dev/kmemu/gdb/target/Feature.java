package dev.kmemu.gdb.target;

import static dev.kmemu.emulator.cpu.Register.CR0;
import static dev.kmemu.emulator.cpu.Register.CS;
import static dev.kmemu.emulator.cpu.Register.DR0;
import static dev.kmemu.emulator.cpu.Register.DR7;
import static dev.kmemu.emulator.cpu.Register.EFER;
import static dev.kmemu.emulator.cpu.Register.FCTRL;
import static dev.kmemu.emulator.cpu.Register.FIOFF;
import static dev.kmemu.emulator.cpu.Register.FISEG;
import static dev.kmemu.emulator.cpu.Register.FOOFF;
import static dev.kmemu.emulator.cpu.Register.FOP;
import static dev.kmemu.emulator.cpu.Register.FOSEG;
import static dev.kmemu.emulator.cpu.Register.FS_BASE;
import static dev.kmemu.emulator.cpu.Register.GDTR_BASE;
import static dev.kmemu.emulator.cpu.Register.GS;
import static dev.kmemu.emulator.cpu.Register.GS_BASE;
import static dev.kmemu.emulator.cpu.Register.KERNEL_GS_BASE;
import static dev.kmemu.emulator.cpu.Register.MXCSR;
import static dev.kmemu.emulator.cpu.Register.PAT;
import static dev.kmemu.emulator.cpu.Register.RAX;
import static dev.kmemu.emulator.cpu.Register.RFLAGS;
import static dev.kmemu.emulator.cpu.Register.RIP;
import static dev.kmemu.emulator.cpu.Register.ST0;
import static dev.kmemu.emulator.cpu.Register.ST7;
import static dev.kmemu.emulator.cpu.Register.STAR;
import static dev.kmemu.emulator.cpu.Register.TR_LIMIT;
import static dev.kmemu.emulator.cpu.Register.XMM0;
import static dev.kmemu.emulator.cpu.Register.XMM15;
import static dev.kmemu.emulator.cpu.Register.YMM0;
import static dev.kmemu.emulator.cpu.Register.YMM15;

import dev.kmemu.emulator.cpu.Register;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/**
 * A feature of the target description (GDB manual, i386 Features). Its registers are numbered in
 * order, after those of the features before it; the optional ones stand last, so that a number
 * means the same register whatever the CPU has.
 */
enum Feature {
  /** {@code org.gnu.gdb.i386.core}. */
  CORE("core.xml", "General Purpose Registers", RAX) {
    @Override
    void describe(List<RegisterSlot> slots) {
      addRange(slots, RAX, RIP);
      slots.add(new RegisterSlot("eflags", RFLAGS, 0, Integer.BYTES));
      addNarrow(slots, CS, GS);
      addRange(slots, ST0, ST7);
      addNarrow(slots, FCTRL, FISEG);
      addNarrow(slots, FIOFF, FOSEG);
      addNarrow(slots, FOOFF, FOP);
    }
  },
  /** {@code org.gnu.gdb.i386.sse}. */
  SSE("sse.xml", "Vector Registers", XMM0) {
    @Override
    void describe(List<RegisterSlot> slots) {
      addRange(slots, XMM0, XMM15);
      addRange(slots, MXCSR, MXCSR);
    }
  },
  /** {@code org.gnu.gdb.i386.segments}. */
  SEGMENTS("segments.xml", "Segment Bases", FS_BASE) {
    @Override
    void describe(List<RegisterSlot> slots) {
      addRange(slots, FS_BASE, GS_BASE);
    }
  },
  /** {@code org.kmemu.x86.system}: what only the kernel sees. */
  SYSTEM("system.xml", "System Registers", CR0) {
    @Override
    void describe(List<RegisterSlot> slots) {
      slots.add(new RegisterSlot("k_gs_base", KERNEL_GS_BASE, 0, Long.BYTES));
      addWide(slots, CR0, EFER);
      addWide(slots, DR0, DR7);
      addWide(slots, GDTR_BASE, TR_LIMIT);
      addWide(slots, STAR, PAT);
    }
  },
  /** {@code org.gnu.gdb.i386.avx}: the upper halves, as SSE has the lower ones. */
  AVX("avx.xml", "Vector Registers", YMM0) {
    @Override
    void describe(List<RegisterSlot> slots) {
      for (Register register : EnumSet.range(YMM0, YMM15)) {
        int half = register.bytes() / 2;
        slots.add(new RegisterSlot(nameOf(register) + "h", register, half, half));
      }
    }
  };

  private final String file;
  private final String title;
  private final Register mark;

  Feature(String file, String title, Register mark) {
    this.file = file;
    this.title = title;
    this.mark = mark;
  }

  /** Returns the file of its element in the description, which stands beside this class. */
  String file() {
    return file;
  }

  /** Returns what its registers are together, for a person. */
  String title() {
    return title;
  }

  /** Whether the g packet carries it: what a debugger wants after every stop. */
  boolean isInGeneral() {
    return this != SYSTEM && this != AVX;
  }

  /** Returns the register that a CPU has exactly when it has the feature. */
  Register mark() {
    return mark;
  }

  /** Returns its registers in the document's order. */
  List<RegisterSlot> slots() {
    List<RegisterSlot> slots = new ArrayList<>();
    describe(slots);
    return slots;
  }

  abstract void describe(List<RegisterSlot> slots);

  private static void addRange(List<RegisterSlot> slots, Register first, Register last) {
    for (Register register : EnumSet.range(first, last)) {
      slots.add(new RegisterSlot(nameOf(register), register, 0, register.bytes()));
    }
  }

  /** The core feature has selectors and the x87 environment as 32-bit integers. */
  private static void addNarrow(List<RegisterSlot> slots, Register first, Register last) {
    for (Register register : EnumSet.range(first, last)) {
      slots.add(new RegisterSlot(nameOf(register), register, 0, Integer.BYTES));
    }
  }

  /** All of them have 64 bits, so that a debugger needn't know which of them are shorter. */
  private static void addWide(List<RegisterSlot> slots, Register first, Register last) {
    for (Register register : EnumSet.range(first, last)) {
      slots.add(new RegisterSlot(nameOf(register), register, 0, Long.BYTES));
    }
  }

  private static String nameOf(Register register) {
    return register.name().toLowerCase(Locale.ROOT);
  }
}
