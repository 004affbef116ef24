package dev.kmemu.testkit.assembler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the families of instructions stand on: fragments, labels, and the rules of operands. */
abstract class Emitter {

  private static final int LOCK = 0xF0;

  private final List<Fragment> fragments = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private final List<Label> labels = new ArrayList<>();
  private boolean lockNext;

  abstract Assembler self();

  /** Makes a label; {@link #bind} puts it somewhere. */
  public Label label(String name) {
    return new Label(name);
  }

  /**
   * Puts a label here.
   *
   * @throws AssemblerException when it has a place already
   */
  public Assembler bind(Label label) {
    if (label.isBound()) {
      throw new AssemblerException(label + ":", "the label is bound already");
    }
    label.bindBefore(fragments.size());
    labels.add(label);
    lines.add(label + ":");
    return self();
  }

  /** Makes the next instruction atomic; it must be one that changes memory. */
  public Assembler lock() {
    lockNext = true;
    return self();
  }

  /** Appends data. */
  public Assembler db(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      requireRange("db", "byte " + i, octets[i], Byte.MIN_VALUE, 0xFF);
      bytes[i] = (byte) octets[i];
    }
    return data(".byte", bytes, Arrays.toString(octets).replaceAll("[\\[\\]]", ""));
  }

  /** Appends a 64-bit word of data. */
  public Assembler dq(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (value >>> (i * Byte.SIZE));
    }
    return data(".quad", bytes, hex(value));
  }

  private Assembler data(String directive, byte[] bytes, String values) {
    String text = directive + " " + values;
    return addWithoutLock(Fragment.of(text, bytes));
  }

  /**
   * Returns the program.
   *
   * @throws AssemblerException when a label that is used is bound nowhere
   */
  public Program assemble() {
    requireUnlocked("lock");
    CodeLayout layout = new CodeLayout(fragments);
    Map<Label, Integer> offsets = new LinkedHashMap<>();
    labels.forEach(label -> offsets.put(label, layout.start(label.fragment())));
    return new Program(layout.code(), lines, offsets);
  }

  final Assembler addWithoutLock(Fragment fragment) {
    requireUnlocked(fragment.text());
    return add(fragment);
  }

  private Assembler add(Fragment fragment) {
    fragments.add(fragment);
    lines.add(fragment.text());
    return self();
  }

  final Assembler emit(Instruction instruction, String text) {
    requireUnlocked(text);
    return add(instruction.encode());
  }

  /** As {@link #emit}, of an instruction that LOCK may precede when it changes memory. */
  final Assembler emitLockable(InstructionOf instruction, String text, boolean changesMemory) {
    String whole = lockNext ? "lock " + text : text;
    Instruction encoded = instruction.of(whole);
    if (lockNext) {
      if (!changesMemory) {
        throw new AssemblerException(whole, "LOCK needs a destination in memory");
      }
      lockNext = false;
      encoded.prefix(LOCK);
    }
    return add(encoded.encode());
  }

  /** Makes an instruction whose text is known. */
  @FunctionalInterface
  interface InstructionOf {
    /** Makes it. */
    Instruction of(String text);
  }

  private void requireUnlocked(String text) {
    if (lockNext) {
      throw new AssemblerException(
          "lock " + text,
          "LOCK goes before ADD to CMP, INC to NOT, BTS to BTC, XADD, CMPXCHG, XCHG");
    }
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** Returns an immediate as the listing shows it: negative ones with their sign. */
  static String decimal(long value) {
    return Long.toString(value);
  }

  static void requireRange(String text, String operand, long value, long least, long most) {
    if (value < least || value > most) {
      throw new AssemblerException(
          text, String.format("%s must be %d to %d, got %d", operand, least, most, value));
    }
  }

  /** An immediate may be given signed or unsigned, but a 64-bit operand's is sign-extended. */
  static void requireImmediate(String text, Size size, long value) {
    int bits = size.immediateBytes() * Byte.SIZE;
    long least = -1L << (bits - 1);
    long most = size == Size.QWORD ? -1 - least : ~(-1L << bits);
    requireRange(text, "the " + size.bits() + "-bit operand's immediate", value, least, most);
  }

  static Size requireSame(String text, Size size, @Nullable Size other) {
    if (other != null && size != other) {
      throw new AssemblerException(
          text, "operands of " + size.bits() + " and " + other.bits() + " bits");
    }
    return size;
  }

  static Size requireSize(String text, @Nullable Size size) {
    if (size == null) {
      throw new AssemblerException(
          text, "the memory operand needs a size: bytePtr, wordPtr, dwordPtr or qwordPtr");
    }
    return size;
  }
}
