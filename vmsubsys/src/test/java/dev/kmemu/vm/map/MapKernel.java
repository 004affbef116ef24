package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/** A kernel with a user address space of {@link #PAGES} pages, addressed by page number. */
final class MapKernel {

  static final long PAGE = 4096;
  static final int PAGES = 256;
  static final long BASE = 0x7fff_f000_0000L;

  final KernelVm vm;
  final VmSpaces spaces;
  final VmSpace space;
  final VmMap map;

  MapKernel() {
    this(1);
  }

  MapKernel(int cpus) {
    PhysicalAddress firstFree = new PhysicalAddress(2L << 20);
    vm =
        new KernelVm(
            new PhysicalMemory(new DirectMapping(8L << 20)),
            TlbControl.none(),
            KernelVmConfig.of(firstFree).withCpus(cpus));
    spaces = vm.spaces();
    space = spaces.alloc(BASE, BASE + PAGES * PAGE);
    map = space.map();
  }

  static long at(int page) {
    return BASE + page * PAGE;
  }

  VmObject object(int pages) {
    return vm.objects().allocate(ObjectType.DEFAULT, pages);
  }

  static MapInsertion.Mapping mapping(@Nullable VmObject object, long offset, int cow) {
    return mapping(object, offset, VmProt.ALL, cow);
  }

  static MapInsertion.Mapping mapping(@Nullable VmObject object, long offset, int prot, int cow) {
    return new MapInsertion.Mapping(object, offset, MapType.NORMAL, prot, VmProt.ALL, cow);
  }

  /** Maps [from, to) of the map, in pages. */
  KernReturn insert(MapInsertion.Mapping mapping, int from, int to) {
    return insert(map, mapping, at(from), at(to));
  }

  KernReturn insert(VmMap into, MapInsertion.Mapping mapping, long start, long end) {
    try (EntryReservation reservation = vm.maps().reserve().reserve()) {
      into.lock();
      try {
        return vm.maps().insertion().insert(into, reservation, mapping, start, end);
      } finally {
        into.unlock();
      }
    }
  }

  /** Maps [from, to) without an object. */
  void anonymous(int from, int to) {
    assertThat(insert(mapping(null, 0, 0), from, to)).isEqualTo(KernReturn.SUCCESS);
  }

  /** Maps [from, to) to all of a new object. */
  VmObject backed(int from, int to, int cow) {
    VmObject object = object(to - from);
    assertThat(insert(mapping(object, 0, cow), from, to)).isEqualTo(KernReturn.SUCCESS);
    return object;
  }

  void remove(int from, int to) {
    vm.maps().removal().remove(map, at(from), at(to));
  }

  /** Makes [from, to) of the map a map of its own. */
  VmMap submap(int from, int to) {
    insert(
        new MapInsertion.Mapping(null, 0, MapType.UNSPECIFIED, VmProt.ALL, VmProt.ALL, 0),
        from,
        to);
    VmMap sub = vm.maps().create("sub", map.pmap(), at(from), at(to));
    assertThat(vm.maps().protection().submap(map, at(from), at(to), sub))
        .isEqualTo(KernReturn.SUCCESS);
    return sub;
  }

  KernReturn protect(int from, int to, int prot) {
    return vm.maps().protection().protect(map, at(from), at(to), prot, false);
  }

  KernReturn wire(int from, int to) {
    return vm.maps().wiring().wire(map, at(from), at(to), 0);
  }

  KernReturn unwire(int from, int to) {
    return vm.maps().wiring().wire(map, at(from), at(to), MapWiring.KM_PAGEABLE);
  }

  KernReturn mlock(int from, int to) {
    return vm.maps().userWiring().unwire(map, at(from), at(to), false);
  }

  KernReturn munlock(int from, int to) {
    return vm.maps().userWiring().unwire(map, at(from), at(to), true);
  }

  KernReturn fault(int page, int type) {
    return vm.faults().fault(map, at(page), type, FaultFlags.NORMAL);
  }

  VmPage pageAt(int page) {
    return vm.pages().at(space.pmap().extract(at(page)));
  }

  long pte(int page) {
    return space.pmap().tables().pte(at(page));
  }

  VmMapEntry entry(int page) {
    return entry(map, page);
  }

  static VmMapEntry entry(VmMap of, int page) {
    for (VmMapEntry e = of.first(); e != of.header(); e = e.next()) {
      if (e.contains(at(page))) {
        return e;
      }
    }
    throw new AssertionError("page " + page + " isn't mapped");
  }

  /** Returns the bounds of all entries, in pages: "0-3 5-6". */
  String layout() {
    return layout(map);
  }

  static String layout(VmMap of) {
    StringBuilder text = new StringBuilder();
    for (VmMapEntry e = of.first(); e != of.header(); e = e.next()) {
      text.append(text.isEmpty() ? "" : " ")
          .append((e.start - BASE) / PAGE)
          .append('-')
          .append((e.end - BASE) / PAGE);
    }
    return text.toString();
  }

  long counter(VmCounter counter) {
    vm.tokens().vm().get();
    try {
      return vm.stats().get(counter);
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns {@code v_wire_count} without the page tables of the address space. */
  long wiredPages() {
    VmObject tables = space.pmap().tableObject();
    return counter(VmCounter.WIRE_COUNT) - (tables == null ? 0 : tables.residentPageCount());
  }

  void check() {
    assertThat(vm.check()).as("broken invariants").isEmpty();
    for (int cpu = 0; cpu < vm.maps().reserve().cpus(); cpu++) {
      assertThat(vm.maps().reserve().outstanding(cpu)).as("entries not given back").isZero();
    }
  }
}
