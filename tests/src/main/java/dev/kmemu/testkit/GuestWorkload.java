package dev.kmemu.testkit;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.firmware.BootBlock;
import dev.kmemu.firmware.BootBlock.Kind;
import dev.kmemu.firmware.BootBlock.Range;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmMap;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel memory that a guest program is given, of every kind, and the boot block that tells it.
 *
 * @param ranges what was allocated, in the order of the boot block
 * @param bootBlock where the boot block lies; the guest gets it in RDI
 * @param pageableMap the submap that pageable memory comes from: it isn't a system map, so that its
 *     pages are made when they are touched
 */
public record GuestWorkload(List<Range> ranges, VirtualAddress bootBlock, KmemSubmap pageableMap) {

  private static final long PAGE = VirtualAddress.PAGE_SIZE;
  private static final long[] WIRED_PAGES = {1, 4, 16};
  private static final long PAGEABLE_MAP_BYTES = 1 << 20;
  private static final long PAGEABLE_PAGES = 8;
  private static final long NOFAULT_PAGES = 2;

  /** Allocates the ranges, writes the boot block and hands it to the guest. */
  public static GuestWorkload install(KernelMachine kernel) {
    KernelVm vm = kernel.vm();
    Kmem kmem = vm.kmem();
    VmMap map = vm.kernelMap();
    List<Range> ranges = new ArrayList<>();
    for (long pages : WIRED_PAGES) {
      ranges.add(range(kmem.alloc(map, pages * PAGE).orThrow(), pages, Kind.WIRED));
    }
    KmemSubmap pageable = kmem.suballoc(map, "pageable_map", PAGEABLE_MAP_BYTES);
    ranges.add(
        range(
            kmem.allocPageable(pageable.map(), PAGEABLE_PAGES * PAGE).orThrow(),
            PAGEABLE_PAGES,
            Kind.PAGEABLE));
    ranges.add(
        range(
            kmem.allocNofault(map, NOFAULT_PAGES * PAGE, PAGE).orThrow(),
            NOFAULT_PAGES,
            Kind.NOFAULT));
    VirtualAddress bootBlock = kmem.alloc(map, PAGE).orThrow();
    VirtualAddress hole = kmem.alloc(map, PAGE).orThrow();
    kmem.free(map, hole, PAGE);
    ranges.add(range(hole, 1, Kind.UNMAPPED));
    kernel.write(bootBlock, new BootBlock(ranges).toBytes());
    kernel.setRegister(Register.RDI, bootBlock.value());
    return new GuestWorkload(List.copyOf(ranges), bootBlock, pageable);
  }

  private static Range range(VirtualAddress start, long pages, Kind kind) {
    return new Range(start.value(), pages * PAGE, kind);
  }
}
