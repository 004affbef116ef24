package dev.kmemu.conformance;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import java.util.HashSet;
import java.util.Set;

/**
 * Passes flushes on and remembers them. A CPU may drop more translations than it is told to, and so
 * hide that it was told too little.
 */
final class RecordedFlushes implements TlbControl {

  private final TlbControl real;
  private final Set<Long> pages = new HashSet<>();
  private boolean all;

  RecordedFlushes(TlbControl real) {
    this.real = real;
  }

  @Override
  public void invalidatePage(VirtualAddress address) {
    note(address.value());
    real.invalidatePage(address);
  }

  @Override
  public void invalidatePage(long va) {
    note(va);
    real.invalidatePage(va);
  }

  private synchronized void note(long va) {
    pages.add(VmArith.truncPage(va));
  }

  @Override
  public void invalidateAll() {
    synchronized (this) {
      all = true;
    }
    real.invalidateAll();
  }

  /** Forgets what was flushed. */
  synchronized void clear() {
    pages.clear();
    all = false;
  }

  /** Whether the translation of {@code va} was flushed, alone or with all others. */
  synchronized boolean covered(long va) {
    return all || pages.contains(va);
  }
}
