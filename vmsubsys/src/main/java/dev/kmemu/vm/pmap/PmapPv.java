package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.PvEntry;
import org.jspecify.annotations.Nullable;

/** A PV entry with the physical map it is a mapping of. */
public final class PmapPv extends PvEntry {

  @Nullable Pmap owner;

  /** Links of the physical map's list; {@code nextOnPmap} also links the free list. */
  @Nullable PmapPv nextOnPmap;

  @Nullable PmapPv prevOnPmap;

  PmapPv() {}

  /** Returns the physical map. */
  public Pmap pmap() {
    Pmap pmap = owner;
    if (pmap == null) {
      throw KernelPanic.at("free PV entry in use", va);
    }
    return pmap;
  }

  /** Returns the next mapping of the same physical map. */
  public @Nullable PmapPv nextOnPmap() {
    return nextOnPmap;
  }
}
