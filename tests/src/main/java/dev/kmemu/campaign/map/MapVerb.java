package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Verb;
import dev.kmemu.vm.kern.VmArith;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** What the map and faults suites do. Ranges are given by their first and their last page. */
enum MapVerb implements Verb {
  SPAWN(2, true, Operands.SPACE),
  FORK(7, true, Operands.SPACE, Operands.SPACE),
  EXEC(1, false, Operands.SPACE),
  EXIT(4, false, Operands.SPACE),
  SWITCH(6, true, Operands.SPACE),
  MAP(10, true, Operands.SPACE, Operands.PAGE, Operands.PAGE, Operands.PROT),
  UNMAP(4, false, Operands.SPACE, Operands.PAGE, Operands.PAGE),
  PROTECT(9, false, Operands.SPACE, Operands.PAGE, Operands.PAGE, Operands.NEW_PROT),
  INHERIT(7, false, Operands.SPACE, Operands.PAGE, Operands.PAGE, Operands.INHERITANCE),
  LOCK(6, false, Operands.SPACE, Operands.PAGE, Operands.PAGE),
  UNLOCK(4, false, Operands.SPACE, Operands.PAGE, Operands.PAGE),
  WIRE(4, false, Operands.SPACE, Operands.PAGE, Operands.PAGE),
  LOAD(14, true, Operands.RING, Operands.PAGE),
  STORE(18, true, Operands.RING, Operands.PAGE),
  SWEEP(5, false, Operands.RING),
  CHECK(1, false),

  /** {@code vm_fault} without an access, as another CPU's. */
  FAULT(6, false, Operands.SPACE, Operands.PAGE, Operands.FAULT_TYPE),

  /** The page daemon under a shortage; all that wasn't used goes to swap. */
  PAGE_OUT(5, true),

  /** {@code madvise(MADV_DONTNEED)}-like aging: nothing counts as used. */
  FORGET(4, false);

  private static final List<MapVerb> PAGING = List.of(FAULT, PAGE_OUT, FORGET);

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int weight;
  private final boolean essential;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes it
  private final List<Operand> operands;

  MapVerb(int weight, boolean essential, Operand... operands) {
    this.weight = weight;
    this.essential = essential;
    this.operands = List.of(operands);
  }

  /** Returns the verbs of the suite without paging. */
  static List<Verb> withoutPaging() {
    return Arrays.stream(values())
        .filter(verb -> !PAGING.contains(verb))
        .map(Verb.class::cast)
        .toList();
  }

  /** Returns its place in tables. */
  @SuppressWarnings("EnumOrdinal") // that is what it is for
  int number() {
    return ordinal();
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
    static final int SPACES = 4;
    static final int PAGES = 8;

    /** The address of page 0: the last pages of one page table come first. */
    static final long BASE = 0x0000_7000_001F_D000L;

    static final Operand SPACE = Operand.Choice.of("address space", "A", "B", "C", "D");
    static final Operand.Address PAGE =
        new Operand.Address(
            "page",
            LongStream.range(0, PAGES).map(page -> BASE + page * VmArith.PAGE_SIZE).toArray());
    static final Operand PROT = Operand.Choice.of("protection", "rw", "r");
    static final Operand NEW_PROT = Operand.Choice.of("protection", "none", "r", "rw");
    static final Operand INHERITANCE = Operand.Choice.of("inheritance", "share", "copy", "none");
    static final Operand RING = Operand.Choice.of("ring", "user", "kernel");
    static final Operand FAULT_TYPE = Operand.Choice.of("type", "read", "write");

    private Operands() {}
  }
}
