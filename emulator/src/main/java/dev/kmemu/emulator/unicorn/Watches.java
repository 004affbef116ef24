package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.List;
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
  private final PageWalker walker;
  private final WatchHooks hooks;
  private List<MemoryWatch> wanted = List.of();
  private PagingMode mode = PagingMode.of(0, 0, 0, 0, 0);
  private CpuExit.@Nullable WatchHit hit;
  private long hitRip;
  private boolean hidden;

  Watches(long engine, CpuExits exits, UnicornState state, PhysicalMemory ram) {
    this.state = state;
    this.walker = new PageWalker(ram);
    this.hooks = new WatchHooks(engine, exits, this::accessed);
  }

  void set(List<MemoryWatch> watches) {
    if (watches.size() > WatchHooks.CAPACITY) {
      throw new IllegalArgumentException(
          watches.size() + " watches; there can be " + WatchHooks.CAPACITY + " at a time");
    }
    wanted = List.copyOf(watches);
    hooks.show(hidden ? List.of() : wanted);
  }

  /** Sets whether nothing is a hit for now. */
  void setHidden(boolean hides) {
    if (hides != hidden) {
      hidden = hides;
      hooks.show(hides ? List.of() : wanted);
    }
  }

  boolean isEmpty() {
    return wanted.isEmpty();
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
    hooks.forget();
  }

  /**
   * Takes the hit that the CPU comes out with, or nothing when the instruction that hit hasn't
   * ended: it begins anew then, and will hit again.
   *
   * @param ended whether it has in any case; otherwise RIP tells
   */
  @Nullable CpuExit take(boolean ended) {
    CpuExit.WatchHit taken = hit;
    if (taken == null) {
      hooks.forget();
      return null;
    }
    boolean complete = ended || hooks.isComplete() || state.rip() != hitRip;
    forget();
    return complete ? taken : null;
  }

  private void accessed(int kind, long physical, int size) {
    if (hit != null) {
      return;
    }
    long offset = physical & OFFSET;
    for (MemoryWatch watch : wanted) {
      if (kind == WatchHooks.READ ? watch.reads() : watch.writes()) {
        long page = watch.address().value() & ~OFFSET;
        boolean isHit =
            hits(watch, page + offset, physical, size)
                || (offset + size > PAGE && hits(watch, page - PAGE + offset, physical, size));
        if (isHit) {
          return;
        }
      }
    }
  }

  /** Takes the hit when the access is one to {@code linear}, and overlaps. */
  private boolean hits(MemoryWatch watch, long linear, long physical, int size) {
    long first = watch.address().value();
    boolean overlaps = linear - first < watch.length() && first - linear < size;
    if (!overlaps || !leadsTo(linear, physical)) {
      return false;
    }
    hit = new CpuExit.WatchHit(watch, new VirtualAddress(linear - first > 0 ? linear : first));
    hitRip = state.rip();
    hooks.hit();
    return true;
  }

  private boolean leadsTo(long linear, long physical) {
    PagingMode current = mode;
    if (current.cr3() != state.cr3()
        || current.cr0() != state.cr0()
        || current.cr4() != state.cr4()
        || current.efer() != state.efer()) {
      current = PagingMode.of(state.cr0(), state.cr3(), state.cr4(), state.efer(), 0);
      mode = current;
    }
    boolean reachable =
        current.kind() == PagingMode.Kind.FOUR_LEVEL || linear >>> Integer.SIZE == 0;
    return reachable && walker.translate(current, linear) == physical;
  }

  @Override
  public void close() {
    hooks.close();
  }
}
