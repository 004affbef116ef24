package dev.kmemu.campaign.image;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Verb;
import java.util.List;
import java.util.Locale;

/** What the image suite does to an image before it loads it. */
enum ImageVerb implements Verb {
  BEGIN(6, true, Operands.IMAGE),
  SET_BYTE(6, false, Operands.OFFSET, Operands.BYTE),
  SET_NUMBER(8, true, Operands.OFFSET, Operands.NUMBER),
  COPY(4, false, Operands.OFFSET, Operands.OFFSET, Operands.COUNT),
  TRUNCATE(1, false, Operands.OFFSET),
  LOAD(10, true, Operands.MODULES);

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int weight;
  private final boolean essential;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes it
  private final List<Operand> operands;

  ImageVerb(int weight, boolean essential, Operand... operands) {
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
    static final Operand IMAGE =
        Operand.Choice.of("image", "multiboot", "multiboot2", "multiboot-in-elf");
    static final Operand OFFSET = new Operand.Decimal("offset", 0, GoodImage.BYTES - 1);
    static final Operand BYTE = new Operand.Decimal("byte", 0, 255);
    static final Operand.Address NUMBER =
        new Operand.Address(
            "number",
            0,
            1,
            0xFF,
            0x1000,
            0xFFFF,
            0x10_0000,
            0x7FFF_FFFF,
            0x8000_0000L,
            0xFFFF_FFFFL);
    static final Operand COUNT = new Operand.Decimal("count", 1, 8);
    static final Operand MODULES = new Operand.Decimal("number of modules", 0, 2);

    private Operands() {}
  }
}
