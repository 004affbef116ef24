package dev.kmemu.bench.jmh;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;

/** A kernel whose map has many entries, on the RAM and the TLB of a real machine. */
final class CrowdedKernel implements AutoCloseable {

  static final long PAGE = VirtualAddress.PAGE_SIZE;

  private static final PhysicalAddress FIRST_FREE = new PhysicalAddress(2 << 20);

  private final Machine machine;
  private final KernelVm vm;

  CrowdedKernel(long ramBytes) {
    machine = new Machine(UnicornLoader.load(), new RamSize(ramBytes));
    vm = new KernelVm(machine.ram(), machine.tlb(), KernelVmConfig.of(FIRST_FREE));
    machine.setHostKernel(vm.hostKernel());
  }

  VmMap map() {
    return vm.kernelMap();
  }

  Kmem kmem() {
    return vm.kmem();
  }

  KernelVm vm() {
    return vm;
  }

  /** Adds one-page entries that touch and don't merge, until the map has {@code entries}. */
  void crowd(int entries) {
    while (map().nentries() < entries) {
      KmemResult result =
          map().nentries() % 2 == 0
              ? kmem().allocPageable(map(), PAGE)
              : kmem().allocNofault(map(), PAGE, PAGE);
      result.orThrow();
    }
  }

  /** Makes {@code entries} one-page entries with a free page behind each. */
  void fragment(int entries) {
    crowd(2 * entries);
    for (VmMapEntry entry = map().first(); entry != map().header(); entry = entry.next()) {
      if ((entry.eflags() & EntryFlags.NOFAULT) == 0 && entry.next() != map().header()) {
        kmem().free(map(), new VirtualAddress(entry.next().start()), PAGE);
      }
    }
  }

  @Override
  public void close() {
    machine.close();
    vm.close();
  }
}
