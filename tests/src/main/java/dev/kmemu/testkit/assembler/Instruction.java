package dev.kmemu.testkit.assembler;

import java.io.ByteArrayOutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of one instruction (Intel SDM vol. 2A, 2.1 and 2.2): prefixes, REX, opcode, ModRM
 * with what belongs to it, immediate.
 */
final class Instruction {

  private static final int OPERAND_SIZE = 0x66;
  private static final int REX = 0x40;
  private static final int REX_W = 8;
  private static final int REX_R = 4;
  private static final int REX_X = 2;
  private static final int REX_B = 1;
  private static final int DIRECT = 0xC0;
  private static final int NEAR = 0x40;
  private static final int FAR = 0x80;
  private static final int HAS_SIB = 4;
  private static final int NO_BASE = 5;
  private static final int NO_INDEX = 4;

  private final String text;
  private final int[] opcode;
  private int prefix;
  private boolean operandSize;
  private int rex;
  private boolean high;
  private boolean hasModRm;
  private int field;
  private int register;
  private @Nullable Mem memory;
  private long immediate;
  private int immediateBytes;

  Instruction(String text, int... opcode) {
    this.text = text;
    this.opcode = opcode;
  }

  /** Sets F0, F2 or F3. */
  Instruction prefix(int octet) {
    prefix = octet;
    return this;
  }

  /** Chooses the operand size by prefixes. */
  Instruction size(Size size) {
    operandSize = size == Size.WORD;
    if (size == Size.QWORD) {
      rex |= REX | REX_W;
    }
    return this;
  }

  /** Sets the reg field of ModRM to a register. */
  Instruction reg(GeneralRegister operand) {
    note(operand);
    return field(operand.encoding());
  }

  /** Sets the reg field of ModRM, with its REX bit. */
  Instruction field(int value) {
    hasModRm = true;
    field = value & 7;
    rex |= value > 7 ? REX | REX_R : 0;
    return this;
  }

  /** Sets the rm field of ModRM to a register. */
  Instruction rm(GeneralRegister operand) {
    note(operand);
    hasModRm = true;
    register = operand.encoding() & 7;
    rex |= operand.encoding() > 7 ? REX | REX_B : 0;
    return this;
  }

  /** Sets ModRM and what follows it to a memory operand. */
  Instruction rm(Mem operand) {
    hasModRm = true;
    memory = operand;
    R64 base = operand.base();
    R64 index = operand.index();
    rex |= base != null && base.encoding() > 7 ? REX | REX_B : 0;
    rex |= index != null && index.encoding() > 7 ? REX | REX_X : 0;
    return this;
  }

  /** Adds a register to the last byte of the opcode. */
  Instruction inOpcode(GeneralRegister operand) {
    note(operand);
    opcode[opcode.length - 1] |= operand.encoding() & 7;
    rex |= operand.encoding() > 7 ? REX | REX_B : 0;
    return this;
  }

  /** Appends an immediate operand. */
  Instruction immediate(long value, int bytes) {
    immediate = value;
    immediateBytes = bytes;
    return this;
  }

  private void note(GeneralRegister operand) {
    if (operand instanceof R8 octet) {
      high |= octet.isHigh();
      rex |= octet.needsRex() ? REX : 0;
    }
  }

  Fragment encode() {
    if (high && rex != 0) {
      throw new AssemblerException(
          text, "AH, CH, DH and BH can't be used beside SPL to DIL, R8 to R15 or 64-bit operands");
    }
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    if (operandSize) {
      code.write(OPERAND_SIZE);
    }
    if (prefix != 0) {
      code.write(prefix);
    }
    if (rex != 0) {
      code.write(rex);
    }
    for (int octet : opcode) {
      code.write(octet);
    }
    int fixup = hasModRm ? writeModRm(code) : -1;
    write(code, immediate, immediateBytes);
    byte[] bytes = code.toByteArray();
    return fixup < 0
        ? Fragment.of(text, bytes)
        : Fragment.relative(
            text, bytes, Objects.requireNonNull(Objects.requireNonNull(memory).label()), fixup);
  }

  /** Returns where the distance to a label is to be stored, -1 for nowhere. */
  private int writeModRm(ByteArrayOutputStream code) {
    int reg = field << 3;
    Mem place = memory;
    if (place == null) {
      code.write(DIRECT | reg | register);
      return -1;
    }
    if (place.label() != null) {
      code.write(reg | NO_BASE);
      write(code, place.displacement(), Integer.BYTES);
      return code.size() - Integer.BYTES;
    }
    R64 base = place.base();
    R64 index = place.index();
    if (base == null) {
      code.write(reg | HAS_SIB);
      code.write(sib(place, NO_BASE));
      write(code, place.displacement(), Integer.BYTES);
      return -1;
    }
    int low = base.encoding() & 7;
    int displacement = place.displacement();
    boolean near = displacement == (byte) displacement;
    boolean none = displacement == 0 && low != NO_BASE;
    boolean hasSib = index != null || low == HAS_SIB;
    code.write((none ? 0 : near ? NEAR : FAR) | reg | (hasSib ? HAS_SIB : low));
    if (hasSib) {
      code.write(sib(place, low));
    }
    write(code, displacement, none ? 0 : near ? 1 : Integer.BYTES);
    return -1;
  }

  private static int sib(Mem place, int base) {
    R64 index = place.index();
    int scale = Integer.numberOfTrailingZeros(place.scale());
    int number = index == null ? NO_INDEX : index.encoding() & 7;
    return (scale << 6) | (number << 3) | base;
  }

  private static void write(ByteArrayOutputStream code, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      code.write((int) (value >>> (i * Byte.SIZE)));
    }
  }
}
