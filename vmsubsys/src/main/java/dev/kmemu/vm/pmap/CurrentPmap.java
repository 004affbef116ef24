package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;

/**
 * Which physical map the CPU is on. Whoever loads CR3 does it through here, because a map that
 * isn't on the CPU gets no TLB flushes.
 */
public final class CurrentPmap {

  /** Loads CR3 of the CPU, by which its translations that aren't global go. */
  @FunctionalInterface
  public interface RootRegister {
    /** Loads the physical address of a root table; its low 12 bits are 0. */
    void load(long cr3);
  }

  private final Token token;
  private final Pmap kernel;
  private Pmap current;

  /** Creates the state of a CPU that is on {@code kernel_pmap}. */
  public CurrentPmap(Token vmToken, Pmap kernel) {
    this.token = vmToken;
    this.kernel = kernel;
    this.current = kernel;
  }

  /** Returns the map that the CPU is on. */
  public Pmap get() {
    token.get();
    try {
      return current;
    } finally {
      token.release();
    }
  }

  /**
   * Brings the CPU to {@code next}. CR3 is loaded even when the CPU is on that map: a map that was
   * inactive for a moment missed flushes. The token isn't held while the CPU loads it, and until
   * then both maps count as active.
   */
  public void switchTo(Pmap next, RootRegister cpu) {
    Pmap previous;
    token.get();
    try {
      previous = current;
      next.setActive(true);
      current = next;
    } finally {
      token.release();
    }
    cpu.load(next.tables().pml4().value());
    token.get();
    try {
      if (previous != current && previous != kernel) {
        previous.setActive(false);
      }
    } finally {
      token.release();
    }
  }

  /** Exchanges the map with a snapshot; CR3 is the CPU's to restore. */
  public void exchange(StateExchange state, Numbering<Pmap> pmaps) {
    Pmap restored = state.exchange(current, pmaps);
    current = restored == null ? kernel : restored;
  }
}
