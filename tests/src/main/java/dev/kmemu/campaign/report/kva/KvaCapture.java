package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a picture of a kernel VM's KVA. Waits for no lock of a map: a failure may have left one
 * locked.
 */
public final class KvaCapture {

  private static final long SLOT = PageTableLevel.PML4.coverage();

  private final KernelVm vm;
  private final TableCensus census;
  private final LaneBuilder entries = new LaneBuilder("kernel map");
  private final LaneBuilder submaps = new LaneBuilder("submaps");
  private final LaneBuilder mapped = new LaneBuilder("mapped pages");
  private final LaneBuilder tables = new LaneBuilder("page tables");

  private KvaCapture(KernelVm vm) {
    this.vm = vm;
    census = new TableCensus(vm.ram());
  }

  /**
   * Takes the picture.
   *
   * @param moment when that is, for the reader
   */
  public static KvaView of(KernelVm vm, String moment) {
    vm.tokens().vm().get();
    try {
      return new KvaCapture(vm).take(moment);
    } finally {
      vm.tokens().vm().release();
    }
  }

  private KvaView take(String moment) {
    VmMap map = vm.kernelMap();
    if (!map.tryLockRead()) {
      return new KvaView.Missing("The kernel map is locked " + moment + ".");
    }
    try {
      addEntries(map);
    } finally {
      map.unlock();
    }
    kernelTables();
    tableLane();
    for (Pmap pmap : vm.userPmaps().live()) {
      userTables(pmap);
    }
    List<KvaLane> lanes = new ArrayList<>(List.of(entries.build()));
    KvaLane inner = submaps.build();
    if (!inner.areas().isEmpty()) {
      lanes.add(inner);
    }
    lanes.add(mapped.build());
    lanes.add(tables.build());
    return new KvaPicture(
        moment,
        new VirtualAddress(KvaLayout.KVA_START),
        -KvaLayout.KVA_START,
        lanes,
        census.tables(),
        census.hasMore());
  }

  private void addEntries(VmMap map) {
    for (VmMapEntry entry = map.first(); entry != map.header(); entry = entry.next()) {
      entries.add(area(entry));
      VmMap submap = entry.submap();
      if (submap != null && submap.tryLockRead()) {
        try {
          for (VmMapEntry e = submap.first(); e != submap.header(); e = e.next()) {
            submaps.add(area(e));
          }
        } finally {
          submap.unlock();
        }
      }
    }
  }

  private static KvaArea area(VmMapEntry entry) {
    VmMap submap = entry.submap();
    VmObject object = entry.object();
    AreaKind kind =
        submap != null || entry.maptype() == MapType.SUBMAP
            ? AreaKind.SUBMAP
            : entry.wiredCount() > 0
                ? AreaKind.WIRED
                : object == null ? AreaKind.RESERVED : AreaKind.PAGEABLE;
    String what = submap != null ? submap.name() : object == null ? "-" : object.name();
    return new KvaArea(
        new VirtualAddress(entry.start()),
        entry.end() - entry.start(),
        kind,
        what,
        entry.wiredCount());
  }

  private void kernelTables() {
    census.visit(
        "kernel",
        PageTableLevel.PML4,
        vm.pml4().value(),
        0,
        KvaLayout.KERNEL_SLOT,
        KvaLayout.KERNEL_SLOT + 1,
        (level, va, entry) -> {
          boolean isKva = Long.compareUnsigned(va, KvaLayout.KVA_START) >= 0;
          if (isKva && level == PageTableLevel.PT) {
            mapped.extend(va, level.coverage(), kind(entry));
          } else if (isKva && level == PageTableLevel.PD && (entry & PteBits.PS) != 0) {
            mapped.extend(va, level.coverage(), AreaKind.LARGE);
          }
        });
  }

  private void tableLane() {
    for (TablePage table : census.tables()) {
      if (table.level() == PageTableLevel.PT) {
        AreaKind kind = table.used() == 0 ? AreaKind.EMPTY_TABLE : AreaKind.TABLE;
        tables.extend(table.base().value(), KvaLayout.NBPDR, kind);
      }
    }
  }

  private static AreaKind kind(long pte) {
    return (pte & PteBits.MANAGED) == 0
        ? AreaKind.UNMANAGED
        : (pte & PteBits.W) != 0 ? AreaKind.MANAGED_WIRED : AreaKind.MANAGED;
  }

  private void userTables(Pmap pmap) {
    int end = (int) (KvaLayout.USER_END / SLOT);
    long root = pmap.tables().pml4().value();
    census.visit(pmap.toString(), PageTableLevel.PML4, root, 0, 0, end, (level, va, entry) -> {});
  }
}
