package dev.kmemu.conformance.mutant;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;

/** A TLB that hears no flushes while a routine runs. */
final class MutedTlb implements TlbControl {

  private final TlbControl real;
  private boolean muted;

  MutedTlb(TlbControl real) {
    this.real = real;
  }

  /** Runs a routine whose flushes get lost. */
  void mute(Runnable routine) {
    muted = true;
    try {
      routine.run();
    } finally {
      muted = false;
    }
  }

  @Override
  public void invalidatePage(VirtualAddress address) {
    if (!muted) {
      real.invalidatePage(address);
    }
  }

  @Override
  public void invalidateAll() {
    if (!muted) {
      real.invalidateAll();
    }
  }
}
