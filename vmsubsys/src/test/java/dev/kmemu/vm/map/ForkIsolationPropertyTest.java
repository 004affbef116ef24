package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Forks, writes, reads, locks and exits of a family of address spaces against arrays: private
 * memory differs after a write, shared memory never does.
 */
class ForkIsolationPropertyTest {

  private static final int PRIVATE = 4;
  private static final int SHARED = 2;
  private static final int WIDTH = PRIVATE + SHARED;
  private static final int FAMILY = 5;

  enum Kind {
    FORK,
    WRITE,
    WRITE_AGAIN,
    READ,
    LOCK,
    UNLOCK,
    EXIT
  }

  record Step(Kind kind, int who, int page) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, FAMILY - 1),
            Arbitraries.integers().between(0, WIDTH - 1))
        .as(Step::new)
        .list()
        .ofMinSize(5)
        .ofMaxSize(60);
  }

  private static final class Member {
    final VmSpace space;
    final long[] contents;

    Member(VmSpace space, long[] contents) {
      this.space = space;
      this.contents = contents;
    }
  }

  private MapKernel kernel = new MapKernel();
  private final List<Member> family = new ArrayList<>();
  private final long[] shared = new long[WIDTH];
  private long stamp;

  /** One instance serves all tries. */
  @BeforeTry
  void begin() {
    kernel = new MapKernel();
    family.clear();
    Arrays.fill(shared, 0);
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void everyoneSeesTheirOwnWritesAndTheSharedOnes(@ForAll("steps") List<Step> steps) {
    kernel.anonymous(0, PRIVATE);
    kernel.anonymous(PRIVATE, WIDTH);
    kernel.vm.maps().protection().inherit(kernel.map, at(PRIVATE), at(WIDTH), Inheritance.SHARE);
    family.add(new Member(kernel.space, new long[WIDTH]));
    long wired = kernel.counter(VmCounter.WIRE_COUNT) - tables(kernel.space);
    for (Step step : steps) {
      if (!family.isEmpty()) {
        perform(family.get(step.who() % family.size()), step);
      }
      kernel.check();
    }
    for (Member member : family) {
      for (int page = 0; page < WIDTH; page++) {
        assertReads(member, page);
      }
    }
    family.forEach(member -> kernel.spaces.free(member.space));
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(wired);
    kernel.check();
  }

  private void perform(Member member, Step step) {
    switch (step.kind()) {
      case FORK -> {
        if (family.size() < FAMILY) {
          family.add(new Member(kernel.spaces.fork(member.space), member.contents.clone()));
        }
      }
      case WRITE, WRITE_AGAIN -> write(member, step.page());
      case READ -> assertReads(member, step.page());
      case LOCK -> lock(member, step.page(), false);
      case UNLOCK -> lock(member, step.page(), true);
      default -> {
        family.remove(member);
        kernel.spaces.free(member.space);
      }
    }
  }

  private void lock(Member member, int page, boolean pageable) {
    kernel.vm.maps().userWiring().unwire(member.space.map(), at(page), at(page + 1), pageable);
  }

  /** As a CPU does: a fault where the entry doesn't allow the write, then the store. */
  private void write(Member member, int page) {
    if ((member.space.pmap().tables().pte(at(page)) & (PteBits.V | PteBits.RW))
        != (PteBits.V | PteBits.RW)) {
      KernReturn result = fault(member, page, VmProt.WRITE);
      if (result == KernReturn.PROTECTION_FAILURE) {
        // A user's wired page that became copy-on-write, see vm_map_lookup.
        return;
      }
      assertThat(result).isEqualTo(KernReturn.SUCCESS);
    }
    kernel.vm.ram().store64(address(member, page), ++stamp);
    (page < PRIVATE ? member.contents : shared)[page] = stamp;
  }

  private void assertReads(Member member, int page) {
    if ((member.space.pmap().tables().pte(at(page)) & PteBits.V) == 0) {
      assertThat(fault(member, page, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
    }
    assertThat(kernel.vm.ram().load64(address(member, page)))
        .as("page %d of %s", page, member.space)
        .isEqualTo((page < PRIVATE ? member.contents : shared)[page]);
  }

  private KernReturn fault(Member member, int page, int type) {
    return kernel.vm.faults().fault(member.space.map(), at(page), type, FaultFlags.NORMAL);
  }

  private static PhysicalAddress address(Member member, int page) {
    return new PhysicalAddress(member.space.pmap().extract(at(page)));
  }

  private static int tables(VmSpace space) {
    var object = space.pmap().tableObject();
    return object == null ? 0 : object.residentPageCount();
  }
}
