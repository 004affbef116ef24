package dev.kmemu.vm.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;

/** An allocation by one of the routines that return an address. */
final class Allocation extends Step {

  /** The routines. */
  enum Routine {
    KMEM_ALLOC(Backing.KERNEL_OBJECT, 0),
    KMEM_ALLOC3_KRESERVE(Backing.KERNEL_OBJECT, MapWiring.KM_KRESERVE),
    KMEM_ALLOC3_PAGEABLE(Backing.KERNEL_OBJECT, MapWiring.KM_PAGEABLE),
    KMEM_ALLOC_PAGEABLE(Backing.ANONYMOUS, 0),
    KMEM_ALLOC_NOFAULT(Backing.NOFAULT, 0),
    KMEM_ALLOC_WAIT(Backing.ANONYMOUS, 0);

    final Backing backing;
    final int flags;

    Routine(Backing backing, int flags) {
      this.backing = backing;
      this.flags = flags;
    }

    boolean wires() {
      return backing == Backing.KERNEL_OBJECT && this != KMEM_ALLOC3_PAGEABLE;
    }
  }

  private final Routine routine;
  private final int mapIndex;
  private final long bytes;
  private final long alignPages;

  Allocation(Routine routine, int mapIndex, long bytes, long alignPages) {
    this.routine = routine;
    this.mapIndex = mapIndex;
    this.bytes = bytes;
    this.alignPages = routine == Routine.KMEM_ALLOC_NOFAULT ? alignPages : 1;
  }

  @Override
  String call(Stage stage) {
    String align = alignPages == 1 ? "" : ", align " + alignPages + " pages";
    MapModel map = stage.mapModel(mapIndex % stage.mapCount());
    return String.format("%s(%s, %s%s)", routine, map, Place.size(bytes), align);
  }

  @Override
  String run(Stage stage) {
    int index = mapIndex % stage.mapCount();
    VmMap map = stage.map(index);
    MapModel model = stage.mapModel(index);
    long size = VmArith.roundPage(bytes);
    if (size == 0) {
      return expect(new KmemResult.InvalidSize(bytes), allocate(stage, map));
    }
    long align = alignPages * MapModel.PAGE;
    boolean fits = model.firstFit(size, align) != MapModel.NONE;
    if (!fits && routine == Routine.KMEM_ALLOC_WAIT) {
      long extent = model.max - model.min;
      return VmArith.below(extent, size)
          ? expect(new KmemResult.LargerThanMap(model.name, size, extent), allocate(stage, map))
          : "not called: it would sleep";
    }
    long start = stage.model.allocate(model, size, routine.backing, align, routine.wires());
    String shown =
        expect(
            fits
                ? new KmemResult.Allocated(new VirtualAddress(start))
                : new KmemResult.NoSpace(model.name, size),
            allocate(stage, map));
    for (long va = start; fits && routine.wires() && va != start + size; va += MapModel.PAGE) {
      assertThat(stage.vm.ram().isZero(new PhysicalAddress(stage.vm.pmap().extract(va)), 4096))
          .as("new memory at 0x%x is zero", va)
          .isTrue();
    }
    return shown;
  }

  private KmemResult allocate(Stage stage, VmMap map) {
    Kmem kmem = stage.vm.kmem();
    return switch (routine) {
      case KMEM_ALLOC -> kmem.alloc(map, bytes);
      case KMEM_ALLOC3_KRESERVE, KMEM_ALLOC3_PAGEABLE -> kmem.alloc3(map, bytes, routine.flags);
      case KMEM_ALLOC_PAGEABLE -> kmem.allocPageable(map, bytes);
      case KMEM_ALLOC_NOFAULT -> kmem.allocNofault(map, bytes, alignPages * MapModel.PAGE);
      case KMEM_ALLOC_WAIT -> kmem.allocWait(map, bytes);
    };
  }

  private String expect(KmemResult expected, KmemResult actual) {
    assertThat(actual).as("%s", routine).isEqualTo(expected);
    return actual instanceof KmemResult.Allocated allocated
        ? "0x" + Long.toHexString(allocated.address().value())
        : actual.toString();
  }
}
