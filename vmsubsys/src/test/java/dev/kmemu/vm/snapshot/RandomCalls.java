package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Calls of a kernel VM that depend on nothing but a seed and the VM's own state: a VM that was
 * restored answers them as it did before.
 */
final class RandomCalls {

  private static final long PAGE = VirtualAddress.PAGE_SIZE;
  private static final int MOST_SPACES = 4;

  private final KernelVm vm;
  private final Random random;
  private final List<String> answers = new ArrayList<>();

  private RandomCalls(KernelVm vm, long seed) {
    this.vm = vm;
    this.random = new Random(seed);
  }

  /** Does {@code count} calls and returns what they answered. */
  static List<String> run(KernelVm vm, long seed, int count) {
    RandomCalls calls = new RandomCalls(vm, seed);
    for (int i = 0; i < count; i++) {
      calls.answers.add(calls.call());
    }
    return calls.answers;
  }

  private String call() {
    int choice = random.nextInt(100);
    if (choice < 14) {
      return "alloc " + vm.kmem().alloc(vm.kernelMap(), size());
    } else if (choice < 20) {
      return "pageable " + vm.kmem().allocPageable(vm.kernelMap(), size());
    } else if (choice < 28) {
      return freeKernelEntry();
    } else if (choice < 34) {
      VmMapEntry entry = anEntry(vm.kernelMap());
      return entry == null || entry.object() == null ? "none" : access(vm.kernelMap(), entry);
    } else if (choice < 38) {
      return changeSpaces();
    } else if (choice < 42) {
      return pageOut();
    } else if (choice == 42) {
      return "sysctl " + vm.sysctl().write("vm.v_free_min", 60 + random.nextInt(30));
    }
    List<VmSpace> spaces = vm.spaces().live();
    return spaces.isEmpty()
        ? "space " + vm.spaces().alloc()
        : inSpace(spaces.get(random.nextInt(spaces.size())), choice);
  }

  private String inSpace(VmSpace space, int choice) {
    VmMap map = space.map();
    VmMapEntry entry = anEntry(map);
    if (choice < 52 || entry == null) {
      var mapping =
          new MapInsertion.Mapping(
              null, 0, MapType.NORMAL, VmProt.READ | VmProt.WRITE, VmProt.ALL, 0);
      return "map " + vm.maps().find(map, mapping, 0x10000, size(), 1, true);
    }
    long from = entry.start() + random.nextInt(4) * PAGE;
    long to = from + (1 + random.nextInt(6)) * PAGE;
    if (choice < 82) {
      return access(map, entry);
    } else if (choice < 87) {
      int prot = random.nextBoolean() ? VmProt.READ : VmProt.READ | VmProt.WRITE;
      return "protect " + vm.maps().protection().protect(map, from, to, prot, false);
    } else if (choice < 90) {
      Inheritance kept = random.nextBoolean() ? Inheritance.SHARE : Inheritance.COPY;
      vm.maps().protection().inherit(map, from, to, kept);
      return "inherit " + map.nentries();
    } else if (choice < 94) {
      vm.maps().removal().remove(map, from, to);
      return "remove " + map.nentries();
    }
    return "wire " + vm.maps().userWiring().unwire(map, from, to, choice < 97);
  }

  private String access(VmMap map, VmMapEntry entry) {
    long pages = Math.max(1, Math.min(8, (entry.end() - entry.start()) / PAGE));
    long va = entry.start() + random.nextInt((int) pages) * PAGE;
    boolean write = random.nextInt(3) > 0;
    int flags = write ? FaultFlags.BURST | FaultFlags.DIRTY : FaultFlags.BURST;
    KernReturn result = vm.faults().fault(map, va, write ? VmProt.WRITE : VmProt.READ, flags);
    if (result != KernReturn.SUCCESS) {
      return "fault " + result;
    }
    PhysicalAddress at = new PhysicalAddress(map.pmap().extract(va));
    long word = vm.ram().load64(at);
    if (write) {
      vm.ram().store64(at, random.nextLong());
    }
    return "fault " + at + " " + word;
  }

  private String changeSpaces() {
    List<VmSpace> spaces = vm.spaces().live();
    VmSpace any = spaces.isEmpty() ? null : spaces.get(random.nextInt(spaces.size()));
    if (any == null) {
      return "space " + vm.spaces().alloc();
    } else if (spaces.size() < MOST_SPACES) {
      return "fork " + vm.spaces().fork(any);
    }
    vm.spaces().free(any);
    return "free " + any;
  }

  private String freeKernelEntry() {
    VmMapEntry entry = anEntry(vm.kernelMap());
    if (entry == null) {
      return "none";
    }
    long start = entry.start();
    vm.kmem().free(vm.kernelMap(), new VirtualAddress(start), entry.end() - start);
    return "free " + start;
  }

  private String pageOut() {
    vm.tokens().vm().get();
    try {
      vm.stats().set(VmCounter.PAGEOUT_DEFICIT, random.nextInt(2000));
      return "pageout " + vm.paging().pageout().run();
    } finally {
      vm.tokens().vm().release();
    }
  }

  private long size() {
    return (1 + random.nextInt(8)) * PAGE;
  }

  private @org.jspecify.annotations.Nullable VmMapEntry anEntry(VmMap map) {
    List<VmMapEntry> entries = new ArrayList<>();
    for (VmMapEntry e = map.first(); e != map.header(); e = e.next()) {
      if (map != vm.kernelMap() || Long.compareUnsigned(e.start(), KvaLayout.KERNBASE) < 0) {
        entries.add(e);
      }
    }
    return entries.isEmpty() ? null : entries.get(random.nextInt(entries.size()));
  }
}
