package dev.kmemu.vm.report;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelMappings;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes snapshots. Each is consistent in itself and may be taken from any thread. */
public final class KernelVmReports {

  private static final String NONE = "-";
  private static final long WIRED = PteBits.W | PteBits.MANAGED;

  private final KernelVm vm;

  /** Creates the reports of one kernel VM. */
  public KernelVmReports(KernelVm vm) {
    this.vm = vm;
  }

  /** Returns the entries of a map, in the order of their addresses; submaps aren't entered. */
  public List<MapEntryReport> entries(VmMap map) {
    List<MapEntryReport> entries = new ArrayList<>();
    map.lockRead();
    try {
      for (VmMapEntry e = map.first(); e != map.header(); e = e.next()) {
        entries.add(
            new MapEntryReport(
                new VirtualAddress(e.start()),
                new VirtualAddress(e.end()),
                e.maptype(),
                backing(e),
                e.offset(),
                e.wiredCount(),
                e.eflags()));
      }
    } finally {
      map.unlock();
    }
    return List.copyOf(entries);
  }

  private static String backing(VmMapEntry e) {
    VmMap submap = e.submap();
    VmObject object = e.object();
    if (submap != null) {
      return submap.name();
    }
    return object == null ? NONE : object.name();
  }

  /** Returns every wired mapping that {@code pmap_enter} made, in the order of addresses. */
  public List<WiredPageReport> wiredPages() {
    List<WiredPageReport> wired = new ArrayList<>();
    vm.tokens().vm().get();
    try {
      KernelMappings.forEach(
          vm.pmap().tables(),
          (va, pte) -> {
            if ((pte & WIRED) == WIRED) {
              wired.add(report(va, vm.pages().at(pte & PteBits.FRAME)));
            }
          });
    } finally {
      vm.tokens().vm().release();
    }
    return List.copyOf(wired);
  }

  private static WiredPageReport report(long va, VmPage page) {
    PageOwner owner = page.owner();
    return new WiredPageReport(
        new VirtualAddress(va),
        page.address(),
        owner == null ? NONE : owner.toString(),
        page.pindex(),
        page.wireCount());
  }

  /** Returns the counters by upstream's names, then those of {@code kernel_pmap}. */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    vm.tokens().vm().get();
    try {
      for (VmCounter counter : VmCounter.values()) {
        counters.put(counter.upstreamName(), vm.stats().get(counter));
      }
      counters.put("kernel_pmap.resident_count", vm.pmap().statistics().residentCount());
      counters.put("kernel_pmap.wired_count", vm.pmap().statistics().wiredCount());
    } finally {
      vm.tokens().vm().release();
    }
    return Collections.unmodifiableMap(counters);
  }
}
