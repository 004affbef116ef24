package dev.kmemu.campaign.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a CPU may have in its TLB: all that it used since the last flush that concerns it. The
 * emulator's own TLB is dropped as a whole by any flush, so that it hides one of the wrong page.
 * Flushes go on to it all the same.
 */
final class CachedTranslations implements TlbControl {

  private final TlbControl cpu;

  /** The entry as it was used, by the number of its address; 0 for none. */
  private final long[] entries = new long[PmapAddresses.COUNT];

  CachedTranslations(TlbControl cpu) {
    this.cpu = cpu;
  }

  /** Notes that the CPU used a mapping, as it is now. */
  void use(int at, ModelMapping mapping) {
    entries[at] = mapping.entry();
  }

  /** CR3 was loaded: no translation of the suite is global. */
  void clear() {
    Arrays.fill(entries, 0);
  }

  @Override
  public void invalidatePage(VirtualAddress address) {
    invalidatePage(address.value());
  }

  @Override
  public void invalidatePage(long va) {
    long page = VmArith.truncPage(va);
    for (int at = 0; at < entries.length; at++) {
      if (entries[at] != 0 && PmapAddresses.at(at) == page) {
        entries[at] = 0;
      }
    }
    cpu.invalidatePage(va);
  }

  @Override
  public void invalidateAll() {
    clear();
    cpu.invalidateAll();
  }

  /** Returns the number of an address whose translation is more than the model allows, or -1. */
  int firstStale(PmapModel model) {
    for (int at = 0; at < entries.length; at++) {
      if (entries[at] != 0 && isStale(entries[at], model.visible(at))) {
        return at;
      }
    }
    return -1;
  }

  long entry(int at) {
    return entries[at];
  }

  private static boolean isStale(long cached, @Nullable ModelMapping mapping) {
    if (mapping == null) {
      return true;
    }
    long now = mapping.entry();
    long rights = PteBits.RW | PteBits.U | PteBits.A | PteBits.M;
    return ((cached ^ now) & PteBits.FRAME) != 0 || (cached & ~now & rights) != 0;
  }
}
