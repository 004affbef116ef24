package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Verb;
import dev.kmemu.campaign.VerbTraits;
import dev.kmemu.vm.kern.VmArith;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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

  /** {@code kmem_alloc} in a small submap of {@code kernel_map}. */
  KALLOC(5, false, Operands.SLOT, Operands.COUNT),
  KFREE(4, false, Operands.SLOT),

  /** What follows is done by a thread, once all of them go. */
  THREAD(0, false, Operands.THREAD),

  /** A thread stops at one of its scheduling points for another. */
  PREEMPT(0, false, Operands.THREAD, Operands.POINT, Operands.THREAD),

  /** The threads go, and end. */
  TOGETHER(0, false),

  /** {@code vm_fault} without an access, as another CPU's. */
  FAULT(6, false, Operands.SPACE, Operands.PAGE, Operands.FAULT_TYPE),

  /** The page daemon under a shortage; all that wasn't used goes to swap. */
  PAGE_OUT(5, true),

  /** {@code madvise(MADV_DONTNEED)}-like aging: nothing counts as used. */
  FORGET(4, false),

  /** A page can't be read from swap, or written: the next one or one of those that follow. */
  FAIL_READ(4, false, Operands.NTH),
  FAIL_WRITE(3, false, Operands.NTH),

  /** Somebody takes all memory but a few pages. */
  HOARD(2, false, Operands.LEFT);

  /** What a thread may do while others do something. */
  private static final Set<MapVerb> CONCURRENT =
      EnumSet.of(
          FORK, EXIT, MAP, UNMAP, PROTECT, INHERIT, LOCK, UNLOCK, WIRE, LOAD, STORE, KALLOC, KFREE,
          FAULT, PAGE_OUT, FORGET);

  private static final List<MapVerb> PAGING =
      List.of(FAULT, PAGE_OUT, FORGET, FAIL_READ, FAIL_WRITE, HOARD);

  @SuppressWarnings("ImmutableEnumChecker") // a record of values
  private final VerbTraits traits;

  MapVerb(int weight, boolean essential, Operand... operands) {
    traits = VerbTraits.of(name(), weight, essential, operands);
  }

  @Override
  public VerbTraits traits() {
    return traits;
  }

  /** Returns the verbs of the suite without paging. */
  static List<Verb> withoutPaging() {
    return Arrays.stream(values())
        .filter(verb -> !PAGING.contains(verb))
        .map(Verb.class::cast)
        .toList();
  }

  /** Whether a thread may do it while others do something. */
  boolean isConcurrent() {
    return CONCURRENT.contains(this);
  }

  /** Whether its first operands are a space, a first page and a last one. */
  boolean hasRange() {
    return operands().size() > 2 && operands().get(2) == Operands.PAGE;
  }

  /** Returns its place in tables. */
  @SuppressWarnings("EnumOrdinal") // that is what it is for
  int number() {
    return ordinal();
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

    static final int THREADS = 4;
    static final int SLOTS = 8;
    static final int MOST_PAGES = 6;
    static final int MOST_POINTS = 400;
    static final Operand SLOT = Operand.Choice.numbered("allocation", "k", SLOTS);
    static final Operand COUNT = new Operand.Decimal("number of pages", 1, MOST_PAGES);
    static final Operand NTH = new Operand.Decimal("number of the page", 1, 4);
    static final Operand LEFT = new Operand.Decimal("number of pages", 0, 15);
    static final Operand THREAD = Operand.Choice.of("thread", "t1", "t2", "t3", "t4");
    static final Operand POINT = new Operand.Decimal("scheduling point", 1, MOST_POINTS);

    private Operands() {}
  }
}
