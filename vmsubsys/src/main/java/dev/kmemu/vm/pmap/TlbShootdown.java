package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * {@code pmap_inval}: collects the addresses whose translations changed; one address ends in an
 * {@code invlpg}, more in a full flush. Callers hold {@code vm_token} from the first {@link #add}
 * to {@link #flush}, and flush before a page that was unmapped can be used again.
 */
final class TlbShootdown {

  private final TlbControl tlb;
  private long address;
  private boolean pending;
  private boolean all;

  TlbShootdown(TlbControl tlb) {
    this.tlb = tlb;
  }

  void add(long va) {
    if (pending && va != address) {
      all = true;
    }
    address = va;
    pending = true;
  }

  void addAll() {
    pending = true;
    all = true;
  }

  void flush() {
    if (all) {
      tlb.invalidateAll();
    } else if (pending) {
      tlb.invalidatePage(new VirtualAddress(address));
    }
    pending = false;
    all = false;
  }
}
