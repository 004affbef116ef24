package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a CPU may have in its TLB: all that it used since the last flush that concerns it. The
 * emulator's own TLB is dropped as a whole by any flush, so that it hides one of the wrong page.
 * Flushes go on to it all the same.
 */
final class CachedPages implements TlbControl {

  private static final long RIGHTS = PteBits.RW | PteBits.U | PteBits.A | PteBits.M;

  private final TlbControl cpu;
  private final Map<Long, Long> entries = new TreeMap<>();

  CachedPages(TlbControl cpu) {
    this.cpu = cpu;
  }

  /** Notes that the CPU, on these tables, has used a page just now. */
  void use(PageTables tables, long va) {
    entries.put(VmArith.truncPage(va), entry(tables, va));
  }

  /** CR3 was loaded. */
  void clear() {
    entries.clear();
  }

  @Override
  public void invalidatePage(VirtualAddress address) {
    invalidatePage(address.value());
  }

  @Override
  public void invalidatePage(long va) {
    entries.remove(VmArith.truncPage(va));
    cpu.invalidatePage(va);
  }

  @Override
  public void invalidateAll() {
    clear();
    cpu.invalidateAll();
  }

  /** Compares what the CPU may still use with the tables that it is on. */
  @Nullable Failure compare(PageTables tables, String suspect) {
    for (Map.Entry<Long, Long> cached : entries.entrySet()) {
      long now = entry(tables, cached.getKey());
      long then = cached.getValue();
      if ((now & PteBits.V) == 0 || ((then ^ now) & PteBits.FRAME) != 0 || lost(then, now)) {
        return Failure.of(
            "stale-tlb",
            suspect,
            String.format("0x%x: a flush, as the entry is 0x%x now", cached.getKey(), now),
            String.format("none, and the CPU may still use 0x%x", then));
      }
    }
    return null;
  }

  private static boolean lost(long then, long now) {
    return (then & ~now & RIGHTS) != 0;
  }

  private static long entry(PageTables tables, long va) {
    long pde = tables.pde(va);
    return PageTables.isTable(pde) ? tables.load(PageTables.pteAddress(pde, va)) : 0;
  }
}
