package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.report.MapEntryReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kernel map for people to read. */
public final class KernelMapText {

  private static final int MOST = 40;

  private KernelMapText() {}

  /**
   * Returns a line for each entry, in the order of addresses, the last ones left out when there are
   * too many.
   *
   * @param marked the entry that holds it, or the hole, gets an arrow; null for none
   */
  public static String of(KernelVm vm, @Nullable VirtualAddress marked) {
    List<MapEntryReport> entries = vm.reports().entries(vm.kernelMap());
    StringBuilder text = new StringBuilder();
    boolean pending = marked != null && !isBelow(marked, new VirtualAddress(vm.kernelMap().min()));
    int shown = 0;
    for (MapEntryReport entry : entries) {
      if (pending && isBelow(marked, entry.start())) {
        text.append("-> ").append(marked).append(" is in no entry\n");
        pending = false;
      }
      boolean holds = pending && isBelow(marked, entry.end());
      pending = pending && !holds;
      if (shown++ < MOST || holds) {
        text.append(holds ? "-> " : "   ").append(line(entry)).append('\n');
      }
    }
    if (pending) {
      text.append("-> ").append(marked).append(" is in no entry\n");
    }
    if (shown > MOST) {
      text.append("   ... ").append(shown - MOST).append(" more\n");
    }
    return text.toString();
  }

  private static boolean isBelow(@Nullable VirtualAddress address, VirtualAddress limit) {
    return address != null && Long.compareUnsigned(address.value(), limit.value()) < 0;
  }

  private static String line(MapEntryReport entry) {
    return String.format(
        "%s-%s %-11s %-14s offset 0x%x, wired_count %d",
        entry.start(),
        entry.end(),
        entry.type(),
        entry.object(),
        entry.offset(),
        entry.wiredCount());
  }
}
