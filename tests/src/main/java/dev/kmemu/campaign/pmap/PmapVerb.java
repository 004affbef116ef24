package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Verb;
import java.util.List;
import java.util.Locale;

/** What the pmap suite does. Ranges are given by their first and their last page. */
enum PmapVerb implements Verb {
  PINIT(3, true, Operands.SPACE),
  RELEASE(3, false, Operands.SPACE),
  SWITCH(6, true, Operands.ON_CPU),
  ENTER(
      30,
      true,
      Operands.SPACE,
      PmapAddresses.USER_PAGE,
      Operands.PAGE,
      Operands.PROT,
      Operands.WIRING),
  REMOVE(10, false, Operands.SPACE, PmapAddresses.USER_PAGE, PmapAddresses.USER_PAGE),
  REMOVE_PAGES(3, false, Operands.SPACE, PmapAddresses.USER_PAGE, PmapAddresses.USER_PAGE),
  PROTECT(
      8,
      false,
      Operands.SPACE,
      PmapAddresses.USER_PAGE,
      PmapAddresses.USER_PAGE,
      Operands.NEW_PROT),
  CHANGE_WIRING(4, false, Operands.SPACE, PmapAddresses.USER_PAGE, Operands.WIRING),
  ENTER_KERNEL(10, false, PmapAddresses.KERNEL_PAGE, Operands.PAGE, Operands.PROT, Operands.WIRING),
  REMOVE_KERNEL(4, false, PmapAddresses.KERNEL_PAGE, PmapAddresses.KERNEL_PAGE),
  REMOVE_PAGES_KERNEL(1, false, PmapAddresses.KERNEL_PAGE, PmapAddresses.KERNEL_PAGE),
  PROTECT_KERNEL(4, false, PmapAddresses.KERNEL_PAGE, PmapAddresses.KERNEL_PAGE, Operands.NEW_PROT),
  CHANGE_WIRING_KERNEL(2, false, PmapAddresses.KERNEL_PAGE, Operands.WIRING),
  KENTER(5, false, PmapAddresses.KENTER_PAGE, Operands.PAGE),
  KREMOVE(3, false, PmapAddresses.KENTER_PAGE),
  QENTER(2, false, PmapAddresses.KENTER_PAGE, Operands.PAGE, Operands.COUNT),
  QREMOVE(1, false, PmapAddresses.KENTER_PAGE, Operands.COUNT),
  PAGE_PROTECT(5, false, Operands.PAGE, Operands.NEW_PROT),
  CLEAR_MODIFY(4, false, Operands.PAGE),
  CLEAR_REFERENCE(4, false, Operands.PAGE),
  TS_REFERENCED(5, false, Operands.PAGE),
  IS_MODIFIED(4, false, Operands.PAGE),
  ZERO_PAGE(1, false, Operands.PAGE),
  COPY_PAGE(1, false, Operands.PAGE, Operands.PAGE),
  LAUNDER(4, false, Operands.PAGE),
  LOAD(22, true, Operands.RING, PmapAddresses.ANY),
  STORE(22, true, Operands.RING, PmapAddresses.ANY),
  FETCH(8, false, Operands.RING, PmapAddresses.ANY),
  SWEEP(8, false, Operands.RING, Operands.KIND),
  CHECK(0, false);

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int weight;
  private final boolean essential;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes it
  private final List<Operand> operands;

  PmapVerb(int weight, boolean essential, Operand... operands) {
    this.weight = weight;
    this.essential = essential;
    this.operands = List.of(operands);
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
    /** User address spaces. */
    static final int SPACES = 3;

    /** {@link #ON_CPU}'s value for {@code kernel_pmap}; the others are spaces. */
    static final int KERNEL_PMAP = SPACES;

    static final int PAGES = 20;

    static final Operand SPACE = Operand.Choice.of("address space", "A", "B", "C");
    static final Operand ON_CPU = Operand.Choice.of("physical map", "A", "B", "C", "kernel");
    static final Operand PAGE = Operand.Choice.numbered("page", "p", PAGES);
    static final Operand PROT = Operand.Choice.of("protection", "r", "rw");
    static final Operand NEW_PROT = Operand.Choice.of("protection", "none", "r", "rw");
    static final Operand WIRING = Operand.Choice.of("wiring", "pageable", "wired");
    static final Operand RING = Operand.Choice.of("ring", "user", "kernel");
    static final Operand KIND = Operand.Choice.of("access", "load", "store", "fetch");
    static final Operand COUNT = new Operand.Decimal("number of pages", 1, 4);

    private Operands() {}
  }
}
