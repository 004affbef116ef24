package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.emulator.cpu.GuestSignal;
import dev.kmemu.emulator.cpu.TrapVerdict;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes accesses of the CPU, whose faults the VM serves, and compares what comes of them. */
final class MapAccesses {

  static final String OK = "ok";
  static final String NOT_MAPPED = "not mapped";
  static final String FORBIDDEN = "forbidden";
  static final String SERVED_FOR_EVER = "served for ever";

  /** What may come of an access, for coverage. */
  static final List<String> OUTCOMES = List.of(OK, NOT_MAPPED, FORBIDDEN, "otherwise");

  private final AccessCpu cpu;
  private @Nullable CachedPages cached;
  private long stamp;
  private long made;
  private String last = OK;
  private @Nullable Consumer<String> listener;

  /** Begins to tell what the CPU uses. */
  void beginScene(CachedPages newCached) {
    cached = newCached;
  }

  MapAccesses(AccessCpu cpu) {
    this.cpu = cpu;
  }

  void explainTo(@Nullable Consumer<String> newListener) {
    listener = newListener;
  }

  long made() {
    return made;
  }

  /** Returns what came of the last access, one of {@link #OUTCOMES}. */
  String last() {
    return last;
  }

  /** Loads or stores the first word of a page. */
  @Nullable Failure one(SpaceModel model, AccessType type, boolean user, int number) {
    SpacePage page = model.page(number);
    boolean store = type == AccessType.STORE;
    long value = nextStamp();
    cpu.clear();
    int access = cpu.add(type, Operands.PAGE.at(number), value);
    cpu.run(user);
    made++;
    last = outcome(access);
    if (last.equals(OK)) {
      uses(model, number);
    }
    String expected = expected(page, store);
    String shown = show(expected, page, store ? value : -1);
    if (expected.equals(OK) && page != null && store && last.equals(OK)) {
      page.contents.set(value);
    }
    long word = store ? value : cpu.result(access);
    String actual = last.equals(OK) ? text(OK, word) : last;
    Consumer<String> told = listener;
    if (told != null) {
      told.accept("expected " + shown);
      told.accept("got      " + actual);
    }
    boolean same =
        last.equals(expected) && (page == null || !last.equals(OK) || page.contents.accepts(word));
    boolean excused = store && page != null && page.mayRefuseStores() && last.equals(FORBIDDEN);
    return same || excused
        ? null
        : Failure.of(
            "access",
            (user ? "ring 3 " : "ring 0 ") + (store ? "store" : "load"),
            String.format("0x%x: %s", Operands.PAGE.at(number), shown),
            actual);
  }

  /** Notes that the CPU has used a page just now. */
  void uses(SpaceModel model, int number) {
    if (cached != null) {
      cached.use(model.space.pmap().tables(), Operands.PAGE.at(number));
    }
  }

  long nextStamp() {
    return ++stamp;
  }

  static String expected(@Nullable SpacePage page, boolean store) {
    if (page == null) {
      return NOT_MAPPED;
    }
    return (store ? page.isWritable() : page.isReadable()) ? OK : FORBIDDEN;
  }

  private static String show(String expected, @Nullable SpacePage page, long stored) {
    if (page == null || !expected.equals(OK)) {
      return expected;
    }
    return text(OK, stored >= 0 ? stored : page.contents.word());
  }

  private static String text(String outcome, long word) {
    return outcome + String.format(" (0x%x)", word);
  }

  private String outcome(int access) {
    if (cpu.vector(access) == AccessCpu.NONE) {
      return OK;
    }
    TrapVerdict verdict = cpu.verdict(access);
    if (verdict instanceof TrapVerdict.Signal signal) {
      return signal.signal() == GuestSignal.SIGSEGV ? NOT_MAPPED : FORBIDDEN;
    }
    if (verdict instanceof TrapVerdict.Fatal fatal) {
      return fatal.cause().contains("forbids") ? FORBIDDEN : NOT_MAPPED;
    }
    if (verdict == TrapVerdict.Resume.INSTANCE) {
      return SERVED_FOR_EVER;
    }
    return verdict == null ? "exception " + cpu.vector(access) : verdict.toString();
  }
}
