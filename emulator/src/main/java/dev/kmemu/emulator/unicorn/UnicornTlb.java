package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Invalidation by flushing everything: Unicorn has no call that drops one page, and a flush of a
 * TLB that is in use costs no more than an {@code invlpg} would.
 */
final class UnicornTlb implements TlbControl {

  private final GuestEntry entry;
  private final Runnable flush;

  UnicornTlb(GuestEntry entry, Runnable flush) {
    this.entry = entry;
    this.flush = flush;
  }

  @Override
  public void invalidatePage(VirtualAddress address) {
    invalidateAll();
  }

  @Override
  public void invalidatePage(long va) {
    invalidateAll();
  }

  /** Drops all translations, on the CPU's thread. */
  void flushNow() {
    flush.run();
  }

  @Override
  public void invalidateAll() {
    if (entry.isOwner()) {
      flush.run();
    } else {
      entry.flush();
    }
  }
}
