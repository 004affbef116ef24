package dev.kmemu.campaign.gdb;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Verb;
import java.util.List;
import java.util.Locale;

/** What a debugger asks for in the gdb suite. */
enum GdbVerb implements Verb {
  READ_MEMORY(8, true, Operands.OFFSET, Operands.COUNT),
  WRITE_MEMORY(8, true, Operands.OFFSET, Operands.COUNT, Operands.BYTE),
  READ_REGISTER(6, false, Operands.REGISTER),
  WRITE_REGISTER(6, false, Operands.REGISTER, Operands.NUMBER),
  STEP(8, true),
  INSERT_BREAKPOINT(3, false, Operands.BREAKPOINT, Operands.INSTRUCTION),
  REMOVE_BREAKPOINT(3, false, Operands.BREAKPOINT, Operands.INSTRUCTION),
  CONTINUE(4, false),
  ALL_REGISTERS(3, false),
  NONSENSE(8, false, Operands.NONSENSE);

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int weight;
  private final boolean essential;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes it
  private final List<Operand> operands;

  GdbVerb(int weight, boolean essential, Operand... operands) {
    this.weight = weight;
    this.essential = essential;
    this.operands = List.of(operands);
  }

  @Override
  public String word() {
    return word;
  }

  @Override
  public List<Operand> operands() {
    return operands;
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public boolean isEssential() {
    return essential;
  }

  /** What the verbs speak of. */
  static final class Operands {
    static final Operand OFFSET = new Operand.Decimal("offset", 0, GdbModel.MEMORY_BYTES - 1);
    static final Operand COUNT = new Operand.Decimal("count", 1, 64);
    static final Operand BYTE = new Operand.Decimal("byte", 0, 255);
    static final Operand REGISTER =
        Operand.Choice.of("register", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp");
    static final Operand.Address NUMBER =
        new Operand.Address("number", 0, 1, 0x7FFF_FFFF, 0x8000_0000L, 0xFFFF_FFFFL, 0x1234_5678);
    static final Operand BREAKPOINT =
        Operand.Choice.of("kind of breakpoint", "software", "hardware");
    static final Operand INSTRUCTION =
        new Operand.Decimal("instruction", 0, GdbModel.INSTRUCTIONS - 1);
    static final Operand NONSENSE =
        Operand.Choice.numbered("packet", "n", GdbStage.NONSENSE.size());

    private Operands() {}
  }
}
