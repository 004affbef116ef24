package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.vm.page.PageArray;

/** The routines that all physical maps of a kernel share. */
public final class PmapRoutines {

  private final PvZone zone = new PvZone();
  private final TlbShootdown shootdown;
  private final PmapMappings mappings;
  private final PmapEnter enter;
  private final PmapRemove remove;
  private final PmapProtect protect;

  /** Creates the routines over all pages of the VM. */
  public PmapRoutines(PageArray pages, TlbControl tlb) {
    shootdown = new TlbShootdown(tlb);
    mappings = new PmapMappings(shootdown);
    remove = new PmapRemove(pages, mappings, shootdown);
    enter = new PmapEnter(mappings, remove, shootdown);
    protect = new PmapProtect(pages, shootdown);
  }

  /** Returns the operations on pages, whatever maps they are in. */
  public PmapMappings mappings() {
    return mappings;
  }

  PvZone zone() {
    return zone;
  }

  TlbShootdown shootdown() {
    return shootdown;
  }

  PmapEnter enter() {
    return enter;
  }

  PmapRemove remove() {
    return remove;
  }

  PmapProtect protect() {
    return protect;
  }
}
