package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;

/**
 * Where linear addresses lead by the CPU's page tables of this very moment, whoever may use them.
 */
final class CurrentTables {

  private final UnicornState state;
  private final PageWalker walker;
  private PagingMode mode = PagingMode.of(0, 0, 0, 0, 0);

  CurrentTables(UnicornState state, PhysicalMemory ram) {
    this.state = state;
    this.walker = new PageWalker(ram);
  }

  /** Returns the kind of translation. */
  PagingMode.Kind kind() {
    return mode().kind();
  }

  /** Returns the physical address, or {@link PageWalker#UNMAPPED}. */
  long translate(long linear) {
    PagingMode current = mode();
    boolean reachable =
        current.kind() == PagingMode.Kind.FOUR_LEVEL || linear >>> Integer.SIZE == 0;
    return reachable ? walker.translate(current, linear) : PageWalker.UNMAPPED;
  }

  private PagingMode mode() {
    mode = mode.following(state.cr0(), state.cr3(), state.cr4(), state.efer());
    return mode;
  }
}
