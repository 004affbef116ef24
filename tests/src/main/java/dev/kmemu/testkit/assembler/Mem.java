package dev.kmemu.testkit.assembler;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A memory operand, written as in Intel's syntax: {@code qwordPtr(RDI).plus(8)} is {@code qword ptr
 * [rdi+8]}. One made by {@link #ptr} has the size of the register beside it. Immutable.
 */
public final class Mem {

  private static final int LARGEST_SCALE = 8;

  private final @Nullable Size size;
  private final @Nullable R64 base;
  private final @Nullable R64 index;
  private final int scale;
  private final int displacement;
  private final @Nullable Label label;

  private Mem(
      @Nullable Size size,
      @Nullable R64 base,
      @Nullable R64 index,
      int scale,
      int displacement,
      @Nullable Label label) {
    this.size = size;
    this.base = base;
    this.index = index;
    this.scale = scale;
    this.displacement = displacement;
    this.label = label;
  }

  /** Returns {@code [base]}, as large as the other operand. */
  public static Mem ptr(R64 base) {
    return new Mem(null, Objects.requireNonNull(base), null, 1, 0, null);
  }

  /** Returns {@code [rip+label]}: what the program itself holds. */
  public static Mem ptr(Label label) {
    return new Mem(null, null, null, 1, 0, Objects.requireNonNull(label));
  }

  /** Returns {@code [address]}: one of the first or the last 2 GiB of the address space. */
  public static Mem absolute(int address) {
    return new Mem(null, null, null, 1, address, null);
  }

  /** Returns {@code byte ptr [base]}. */
  public static Mem bytePtr(R64 base) {
    return ptr(base).as(Size.BYTE);
  }

  /** Returns {@code word ptr [base]}. */
  public static Mem wordPtr(R64 base) {
    return ptr(base).as(Size.WORD);
  }

  /** Returns {@code dword ptr [base]}. */
  public static Mem dwordPtr(R64 base) {
    return ptr(base).as(Size.DWORD);
  }

  /** Returns {@code qword ptr [base]}. */
  public static Mem qwordPtr(R64 base) {
    return ptr(base).as(Size.QWORD);
  }

  /** Returns the same place with a size. */
  public Mem as(Size operandSize) {
    return new Mem(operandSize, base, index, scale, displacement, label);
  }

  /**
   * Returns the place {@code bytes} further on.
   *
   * @throws ArithmeticException when the displacement leaves 32 bits
   */
  public Mem plus(int bytes) {
    return new Mem(size, base, index, scale, Math.addExact(displacement, bytes), label);
  }

  /**
   * Returns the place with {@code index} times {@code factor} added.
   *
   * @param factor 1, 2, 4 or 8
   * @throws AssemblerException when the index is RSP, there is one already, or the factor isn't one
   */
  public Mem plus(R64 register, int factor) {
    String text = this + " plus " + register + "*" + factor;
    if (register == R64.RSP) {
      throw new AssemblerException(text, "RSP can't be an index");
    }
    if (factor < 1 || factor > LARGEST_SCALE || Integer.bitCount(factor) != 1) {
      throw new AssemblerException(text, "the scale must be 1, 2, 4 or 8, got " + factor);
    }
    if (index != null || label != null) {
      throw new AssemblerException(
          text, label == null ? "there is an index already" : "a label takes no index");
    }
    return new Mem(size, base, register, factor, displacement, null);
  }

  @Nullable Size size() {
    return size;
  }

  @Nullable R64 base() {
    return base;
  }

  @Nullable R64 index() {
    return index;
  }

  int scale() {
    return scale;
  }

  int displacement() {
    return displacement;
  }

  @Nullable Label label() {
    return label;
  }

  /** Returns it in Intel's syntax, with a size where the operand has one. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(size == null ? "" : size.keyword()).append('[');
    if (label != null) {
      text.append("rip+").append(label);
    } else if (base != null) {
      text.append(base);
    }
    if (index != null) {
      text.append(base == null ? "" : "+").append(index).append('*').append(scale);
    }
    if (base == null && index == null && label == null) {
      text.append(String.format("0x%x", (long) displacement));
    } else if (displacement != 0) {
      long distance = Math.abs((long) displacement);
      text.append(String.format("%s0x%x", displacement < 0 ? "-" : "+", distance));
    }
    return text.append(']').toString();
  }
}
