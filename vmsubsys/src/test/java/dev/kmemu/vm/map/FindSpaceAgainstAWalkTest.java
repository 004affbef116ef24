package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code vm_map_findspace} with coarse alignments, which pass over many gaps that are large enough,
 * and with stacks that keep the space below them, against upstream's walk along the entries.
 */
class FindSpaceAgainstAWalkTest {

  private static final long PAGE = VmArith.PAGE_SIZE;

  // The middle of the address space, so that a signed comparison anywhere shows.
  private static final long MIN = Long.parseUnsignedLong("7fffffffffe00000", 16);
  private static final long MAX = MIN + 1024 * PAGE;
  private static final int MAX_LENGTH = 5;
  private static final int STARTS = 40;

  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(16 << 20)),
          new NoTlb(),
          KernelVmConfig.of(new PhysicalAddress(2 << 20)));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 16, 64, 100, 256})
  void everySearchFindsWhatAWalkFinds(int alignInPages) {
    Random random = new Random(alignInPages);
    VmMap map = randomMap(random);
    long align = alignInPages * PAGE;
    map.lock();
    try {
      for (int i = 0; i < STARTS; i++) {
        long start = i == 0 ? MIN : MIN + random.nextInt(1024) * PAGE;
        for (long length = 0; length <= MAX_LENGTH * PAGE; length += PAGE) {
          for (int flags : new int[] {0, EntryFlags.MAP_STACK}) {
            assertThat(vm.maps().space().find(map, start, length, align, flags))
                .as("start 0x%x, length 0x%x, flags %d", start, length, flags)
                .isEqualTo(walk(map, start, length, align, flags));
          }
        }
      }
    } finally {
      map.unlock();
    }
    assertThat(map.treeMatchesList()).isTrue();
  }

  private VmMap randomMap(Random random) {
    VmMap map = vm.maps().create("map", vm.pmap(), MIN, MAX);
    long at = MIN + random.nextInt(3) * PAGE;
    while (true) {
      long end = at + (1 + random.nextInt(3)) * PAGE;
      if (VmArith.below(MAX, end)) {
        return map;
      }
      insert(map, at, end);
      if (random.nextInt(8) == 0) {
        VmMapEntry stack = map.header().prev();
        stack.eflags |= EntryFlags.STACK;
        stack.availableStack = random.nextInt(4) * PAGE;
      }
      at = end + random.nextInt(5) * PAGE;
    }
  }

  private void insert(VmMap map, long start, long end) {
    MapInsertion.Mapping reserved =
        new MapInsertion.Mapping(null, 0, MapType.UNSPECIFIED, VmProt.ALL, VmProt.ALL, 0);
    try (EntryReservation reservation = vm.maps().reserve().reserve()) {
      map.lock();
      assertThat(vm.maps().insertion().insert(map, reservation, reserved, start, end))
          .isEqualTo(KernReturn.SUCCESS);
      map.unlock();
    }
  }

  private static long walk(VmMap map, long start, long length, long align, int flags) {
    VmMapEntry before = map.header();
    while (before.next() != map.header() && !VmArith.below(start, before.next().start())) {
      before = before.next();
    }
    long at = before == map.header() ? start : VmArith.max(start, before.end());
    while (true) {
      long rest = Long.remainderUnsigned(at, align);
      long candidate = rest == 0 ? at : at + align - rest;
      long end = candidate + length;
      if (VmArith.below(end, candidate) || VmArith.below(map.max(), end)) {
        return MapSpace.NO_SPACE;
      }
      VmMapEntry next = before.next();
      if (next == map.header()) {
        return candidate;
      }
      boolean room = !VmArith.below(next.start(), end);
      boolean stackGivesWay =
          !next.has(EntryFlags.STACK)
              || (flags & EntryFlags.MAP_STACK) != 0
              || !VmArith.below(next.start() - next.availableStack, end);
      if (room && stackGivesWay) {
        return candidate;
      }
      before = next;
      at = next.end();
    }
  }

  private static final class NoTlb implements TlbControl {
    @Override
    public void invalidatePage(VirtualAddress address) {}

    @Override
    public void invalidateAll() {}
  }
}
