package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Invalidation of the CPU's cached translations after a page table was changed from outside. A
 * change from not present to present needs none.
 *
 * <p>Callable from any thread; when a method returns, no instruction that the guest runs from then
 * on uses a translation older than the call.
 */
public interface TlbControl {

  /** {@code invlpg}: drops every translation of the page that holds {@code address}. */
  void invalidatePage(VirtualAddress address);

  /**
   * As {@link #invalidatePage(VirtualAddress)}, for hot paths: it makes no object of the address.
   */
  default void invalidatePage(long va) {
    invalidatePage(new VirtualAddress(va));
  }

  /** Drops all translations, global ones included. */
  void invalidateAll();

  /** Returns a control for page tables that no CPU walks. */
  static TlbControl none() {
    return NoTlb.INSTANCE;
  }
}
