package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;

/**
 * {@code pmap_inval}: collects the addresses whose translations changed; one address ends in an
 * {@code invlpg}, more in a full flush. A map that isn't on the CPU needs neither: no user entry is
 * global, so the load of CR3 that brings it there drops what is left of it. Callers hold {@code
 * vm_token} from the first {@link #add} to {@link #flush}, and flush before a page that was
 * unmapped can be used again.
 */
public final class TlbShootdown {

  private final TlbControl tlb;
  private long address;
  private boolean pending;
  private boolean all;

  /** Creates it with nothing to flush. */
  public TlbShootdown(TlbControl tlb) {
    this.tlb = tlb;
  }

  /** The translation of {@code va} in {@code pmap} changed. */
  public void add(Pmap pmap, long va) {
    if (!pmap.isActive()) {
      return;
    }
    if (pending && va != address) {
      all = true;
    }
    address = va;
    pending = true;
  }

  /** A table of {@code pmap} went, or a large page. */
  public void addAll(Pmap pmap) {
    if (pmap.isActive()) {
      pending = true;
      all = true;
    }
  }

  /** Makes the CPU see what was added since the last call. */
  public void flush() {
    if (all) {
      tlb.invalidateAll();
    } else if (pending) {
      tlb.invalidatePage(address);
    }
    pending = false;
    all = false;
  }
}
