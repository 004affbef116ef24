package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One thread of a load on kernel memory: allocates, uses, wires, protects and frees memory that is
 * its own, in maps that are everybody's. It marks what it owns, and finds zeros in what is new.
 */
final class KernelLoad {

  private static final int MOST_BLOCKS = 12;
  private static final int MOST_PAGES = 4;

  /** What may be done in a map. */
  enum Use {
    /** Wired, pageable and nofault memory; pageable memory may not be touched. */
    SYSTEM,
    /** The same, and pageable memory gets its pages by faults. */
    DEMAND_ZERO,
    /** Nothing but waiting for space, which is scarce. */
    WAIT
  }

  /** A map to work in. */
  record Arena(VmMap map, Use use) {}

  private enum Kind {
    WIRED,
    PAGEABLE,
    NOFAULT
  }

  private record Block(Arena arena, long va, int pages, Kind kind) {
    long end() {
      return va + pages * PAGE;
    }
  }

  private final TestKernel kernel;
  private final Kmem kmem;
  private final List<Arena> arenas;
  private final int thread;
  private final Random random;
  private final List<Block> blocks = new ArrayList<>();
  private final List<Block> waited = new ArrayList<>();

  KernelLoad(TestKernel kernel, List<Arena> arenas, int thread) {
    this.kernel = kernel;
    this.kmem = kernel.vm.kmem();
    this.arenas = arenas;
    this.thread = thread;
    this.random = new Random(thread);
  }

  /** Does one operation. */
  void step() {
    Arena arena = arenas.get(random.nextInt(arenas.size()));
    if (arena.use() == Use.WAIT) {
      waitForSpace(arena);
    } else if (blocks.size() == MOST_BLOCKS || (!blocks.isEmpty() && random.nextInt(3) == 0)) {
      free(blocks.remove(random.nextInt(blocks.size())));
    } else if (blocks.isEmpty() || random.nextBoolean()) {
      allocate(arena);
    } else {
      use(blocks.get(random.nextInt(blocks.size())));
    }
  }

  /** Frees all it has. */
  void end() {
    blocks.forEach(this::free);
    waited.forEach(this::freeAndWake);
  }

  /** Nobody waits for space while it has some, so the map is empty when all wait. */
  private void waitForSpace(Arena arena) {
    if (random.nextBoolean()) {
      waited.forEach(this::freeAndWake);
      waited.clear();
      int pages = 1 + random.nextInt(MOST_PAGES);
      long va = kmem.allocWait(arena.map(), pages * PAGE).orThrow().value();
      waited.add(new Block(arena, va, pages, Kind.PAGEABLE));
    } else if (!waited.isEmpty()) {
      freeAndWake(waited.remove(0));
    }
  }

  private void freeAndWake(Block block) {
    kmem.freeWakeup(block.arena().map(), new VirtualAddress(block.va()), block.pages() * PAGE);
  }

  private void allocate(Arena arena) {
    int pages = 1 + random.nextInt(MOST_PAGES);
    long size = pages * PAGE;
    VmMap map = arena.map();
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    // The kernel's reserve serves one thread at a time, upstream's zone allocator.
    int kmflags = thread == 0 ? MapWiring.KM_KRESERVE : 0;
    KmemResult result =
        switch (kind) {
          case WIRED -> kmem.alloc3(map, size, kmflags);
          case PAGEABLE -> kmem.allocPageable(map, size);
          case NOFAULT -> kmem.allocNofault(map, size, PAGE << random.nextInt(3));
        };
    long va = result.orThrow().value();
    Block block = new Block(arena, va, pages, kind);
    blocks.add(block);
    if (kind == Kind.WIRED) {
      for (long at = va; at != block.end(); at += PAGE) {
        assertThat(kernel.read(at)).as("new memory at 0x%x", at).isZero();
        kernel.write(at, thread + 1);
      }
    }
  }

  private void use(Block block) {
    if (block.kind() == Kind.WIRED) {
      fault(block, VmProt.WRITE);
    } else if (block.kind() == Kind.PAGEABLE) {
      switch (random.nextInt(3)) {
        case 0 -> protect(block);
        case 1 -> wireAndUnwire(block);
        default -> fault(block, VmProt.WRITE);
      }
    }
  }

  private void fault(Block block, int type) {
    if (block.kind() == Kind.WIRED || block.arena().use() == Use.DEMAND_ZERO) {
      long va = block.va() + random.nextInt(block.pages()) * PAGE;
      assertThat(kernel.vm.faults().fault(block.arena().map(), va, type, FaultFlags.NORMAL))
          .isEqualTo(KernReturn.SUCCESS);
    }
  }

  private void protect(Block block) {
    VmMap map = block.arena().map();
    assertThat(protect(block, map, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
    fault(block, VmProt.READ);
    assertThat(protect(block, map, VmProt.ALL)).isEqualTo(KernReturn.SUCCESS);
  }

  private KernReturn protect(Block block, VmMap map, int protection) {
    return kernel.vm.maps().protection().protect(map, block.va(), block.end(), protection, false);
  }

  private void wireAndUnwire(Block block) {
    if (block.arena().use() == Use.DEMAND_ZERO) {
      assertThat(wire(block, 0)).isEqualTo(KernReturn.SUCCESS);
      long va = block.va() + random.nextInt(block.pages()) * PAGE;
      kernel.write(va, thread + 1);
      assertThat(kernel.read(va)).isEqualTo(thread + 1);
      assertThat(wire(block, MapWiring.KM_PAGEABLE)).isEqualTo(KernReturn.SUCCESS);
    }
  }

  private KernReturn wire(Block block, int kmflags) {
    return kernel.vm.maps().wiring().wire(block.arena().map(), block.va(), block.end(), kmflags);
  }

  private void free(Block block) {
    if (block.kind() == Kind.WIRED) {
      for (long at = block.va(); at != block.end(); at += PAGE) {
        assertThat(kernel.read(at)).as("own memory at 0x%x", at).isEqualTo(thread + 1);
      }
    }
    kmem.free(block.arena().map(), new VirtualAddress(block.va()), block.pages() * PAGE);
  }
}
