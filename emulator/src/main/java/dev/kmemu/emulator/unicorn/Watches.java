package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is watched, by linear address.
 *
 * <p>The library tells of an access by its physical address alone. It is one to watched bytes when
 * the page tables of this very moment lead from their linear address to it: nothing has to be
 * followed, neither CR3 nor entries. So an access to the same bytes through another linear address
 * counts too.
 */
final class Watches implements AutoCloseable {

  private static final long PAGE = VirtualAddress.PAGE_SIZE;
  private static final long OFFSET = PAGE - 1;

  private final UnicornState state;
  private final CurrentTables tables;
  private final WatchHooks hooks;
  private List<MemoryWatch> wanted = List.of();
  private @Nullable MemoryWatch[] guest = new @Nullable MemoryWatch[GuestBreakpoints.COUNT];
  private CpuExit.@Nullable WatchHit hit;
  private int guestHits;
  private int guestHitsTaken;
  private long hitRip;
  private boolean hidden;

  Watches(long engine, CpuExits exits, UnicornState state, PhysicalMemory ram) {
    this.state = state;
    this.tables = new CurrentTables(state, ram);
    this.hooks = new WatchHooks(engine, exits, this::accessed);
  }

  void set(List<MemoryWatch> watches) {
    if (watches.size() > WatchHooks.CAPACITY) {
      throw new IllegalArgumentException(
          watches.size() + " watches; there can be " + WatchHooks.CAPACITY + " at a time");
    }
    wanted = List.copyOf(watches);
    show();
  }

  /** Sets whether nothing that a debugger watches is a hit for now; the guest's own stay. */
  void setHidden(boolean hides) {
    if (hides != hidden) {
      hidden = hides;
      show();
    }
  }

  /** Sets what the guest itself watches; an element may be absent. */
  void setGuest(@Nullable MemoryWatch[] watches) {
    if (!Arrays.equals(guest, watches)) {
      guest = watches;
      show();
    }
  }

  private List<MemoryWatch> debuggers() {
    return hidden ? List.of() : wanted;
  }

  private void show() {
    hooks.show(
        Stream.concat(debuggers().stream(), Arrays.stream(guest).filter(Objects::nonNull))
            .toList());
  }

  boolean isEmpty() {
    return wanted.isEmpty() && Arrays.stream(guest).allMatch(Objects::isNull);
  }

  /** Whether translated code is made for watches, which is several times slower. */
  boolean isInstalled() {
    return hooks.isInstalled();
  }

  WatchHooks hooks() {
    return hooks;
  }

  /** Forgets a hit that nobody has asked for. */
  void forget() {
    hit = null;
    guestHits = 0;
    hooks.forget();
  }

  /** Returns and forgets which of the guest's own watches the last {@link #take} has taken. */
  int takeGuestHits() {
    int hits = guestHitsTaken;
    guestHitsTaken = 0;
    return hits;
  }

  /**
   * Takes the hit that the CPU comes out with, or nothing when the instruction that hit hasn't
   * ended: it begins anew then, and will hit again.
   *
   * @param ended whether it has in any case; otherwise RIP tells
   */
  @Nullable CpuExit take(boolean ended) {
    CpuExit.WatchHit taken = hit;
    if (taken == null && guestHits == 0) {
      hooks.forget();
      return null;
    }
    boolean complete = ended || hooks.isComplete() || state.rip() != hitRip;
    guestHitsTaken = complete ? guestHits : 0;
    forget();
    return complete ? taken : null;
  }

  private void accessed(int kind, long physical, int size) {
    for (MemoryWatch watch : debuggers()) {
      if (hit == null && isFor(watch, kind)) {
        long at = overlap(watch, physical, size);
        if (at >= 0) {
          hit = new CpuExit.WatchHit(watch, watch.address().plus(at));
          tell();
        }
      }
    }
    for (int i = 0; i < guest.length; i++) {
      MemoryWatch watch = guest[i];
      if (watch != null && isFor(watch, kind) && overlap(watch, physical, size) >= 0) {
        guestHits |= 1 << i;
        tell();
      }
    }
  }

  private static boolean isFor(MemoryWatch watch, int kind) {
    return kind == WatchHooks.READ ? watch.reads() : watch.writes();
  }

  private void tell() {
    hitRip = state.rip();
    hooks.hit();
  }

  /** Returns where in the watch an access begins that is one to it, or -1. */
  private long overlap(MemoryWatch watch, long physical, int size) {
    long offset = physical & OFFSET;
    long page = watch.address().value() & ~OFFSET;
    long at = overlap(watch, page + offset, physical, size);
    return at < 0 && offset + size > PAGE
        ? overlap(watch, page - PAGE + offset, physical, size)
        : at;
  }

  private long overlap(MemoryWatch watch, long linear, long physical, int size) {
    long first = watch.address().value();
    boolean overlaps = linear - first < watch.length() && first - linear < size;
    return overlaps && tables.translate(linear) == physical ? Math.max(linear - first, 0) : -1;
  }

  @Override
  public void close() {
    hooks.close();
  }
}
