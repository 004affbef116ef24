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
import java.util.Arrays;
import java.util.List;

/**
 * Takes a picture of a kernel VM's address spaces. Waits for no lock of a map: a failure may have
 * left one locked.
 */
public final class KvaCapture {

  private final KernelVm vm;
  private final TableCensus census;

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
    LaneBuilder entries = new LaneBuilder("kernel map");
    LaneBuilder submaps = new LaneBuilder("submaps");
    if (!addEntries(vm.kernelMap(), entries, submaps)) {
      return new KvaView.Missing("The kernel map is locked " + moment + ".");
    }
    AddressPicture kernel =
        new AddressPicture(
            "kernel",
            new VirtualAddress(KvaLayout.KVA_START),
            -KvaLayout.KVA_START,
            lanes(entries, submaps, kernelMappings(), tables("kernel")));
    List<AddressPicture> users = new ArrayList<>();
    vm.userPmaps().live().forEach(pmap -> users.add(user(pmap)));
    return new KvaPicture(moment, kernel, users, census.tables(), census.hasMore());
  }

  private AddressPicture user(Pmap pmap) {
    LaneBuilder entries = new LaneBuilder("map");
    LaneBuilder submaps = new LaneBuilder("submaps");
    vm.spaces().live().stream()
        .filter(space -> space.pmap() == pmap)
        .forEach(space -> addEntries(space.map(), entries, submaps));
    return new AddressPicture(
        pmap.toString(),
        new VirtualAddress(0),
        KvaLayout.USER_END,
        lanes(entries, submaps, userMappings(pmap), tables(pmap.toString())));
  }

  /** Returns the lanes that have something in them. */
  private static List<KvaLane> lanes(LaneBuilder... builders) {
    return Arrays.stream(builders)
        .map(LaneBuilder::build)
        .filter(lane -> !lane.areas().isEmpty())
        .toList();
  }

  /** Adds a map's entries; false when the map is locked. */
  private static boolean addEntries(VmMap map, LaneBuilder entries, LaneBuilder submaps) {
    if (!map.tryLockRead()) {
      return false;
    }
    try {
      for (VmMapEntry entry = map.first(); entry != map.header(); entry = entry.next()) {
        entries.add(area(entry));
        VmMap submap = entry.submap();
        if (submap != null) {
          addEntries(submap, submaps, submaps);
        }
      }
    } finally {
      map.unlock();
    }
    return true;
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

  private LaneBuilder kernelMappings() {
    LaneBuilder mapped = new LaneBuilder("mapped pages");
    census.visit(
        "kernel",
        PageTableLevel.PML4,
        vm.pml4().value(),
        0,
        KvaLayout.KERNEL_SLOT,
        KvaLayout.KERNEL_SLOT + 1,
        (level, va, entry) -> {
          if (Long.compareUnsigned(va, KvaLayout.KVA_START) >= 0) {
            addPage(mapped, level, va, entry);
          }
        });
    return mapped;
  }

  private LaneBuilder userMappings(Pmap pmap) {
    LaneBuilder mapped = new LaneBuilder("mapped pages");
    census.visit(
        pmap.toString(),
        PageTableLevel.PML4,
        pmap.tables().pml4().value(),
        0,
        0,
        (int) (KvaLayout.USER_END / PageTableLevel.PML4.coverage()),
        (level, va, entry) -> addPage(mapped, level, va, entry));
    return mapped;
  }

  private static void addPage(LaneBuilder mapped, PageTableLevel level, long va, long entry) {
    if (level == PageTableLevel.PT) {
      mapped.extend(va, level.coverage(), kind(entry));
    } else if (level == PageTableLevel.PD && (entry & PteBits.PS) != 0) {
      mapped.extend(va, level.coverage(), AreaKind.LARGE);
    }
  }

  private static AreaKind kind(long pte) {
    return (pte & PteBits.MANAGED) == 0
        ? AreaKind.UNMANAGED
        : (pte & PteBits.W) != 0 ? AreaKind.MANAGED_WIRED : AreaKind.MANAGED;
  }

  private LaneBuilder tables(String space) {
    LaneBuilder lane = new LaneBuilder("page tables");
    for (TablePage table : census.tables()) {
      if (table.level() == PageTableLevel.PT && table.space().equals(space)) {
        AreaKind kind = table.used() == 0 ? AreaKind.EMPTY_TABLE : AreaKind.TABLE;
        lane.extend(table.base().value(), KvaLayout.NBPDR, kind);
      }
    }
    return lane;
  }
}
