package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.UserPmaps;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * {@code vmspace_alloc}, {@code vmspace_exec}, {@code vmspace_unshare} and {@code vmspace_free}.
 */
class VmSpaceTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  @Test
  void aNewSpaceCoversAllUserAddressesAndIsNoSystemMap() {
    VmSpace space = kernel.spaces.alloc();

    assertThat(space.map().min()).isZero();
    assertThat(space.map().max()).isEqualTo(0x0000_8000_0000_0000L);
    assertThat(space.map().isSystemMap()).isFalse();
    assertThat(space.pmap()).isSameAs(space.map().pmap()).isNotSameAs(kernel.space.pmap());
    assertThat(kernel.spaces.live()).containsExactly(kernel.space, space);
  }

  @Test
  void theLastReferenceEndsTheSpaceAndGivesEveryPageBack() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    VmSpace space = kernel.spaces.alloc();
    kernel.insert(space.map(), MapKernel.mapping(null, 0, 0), at(0), at(4));
    kernel.vm.faults().fault(space.map(), at(0), VmProt.WRITE, 0);
    kernel.spaces.reference(space);

    kernel.spaces.free(space);
    assertThat(kernel.spaces.live()).contains(space);
    kernel.spaces.free(space);

    assertThat(kernel.spaces.live()).doesNotContain(space);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    assertThatThrownBy(() -> kernel.spaces.free(space)).isInstanceOf(KernelPanic.class);
  }

  /** Unwiring finds its pages in the physical map: that must still be there. */
  @Test
  void lockedPagesAreUnwiredBeforeThePhysicalMapGoes() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    long wired = kernel.counter(VmCounter.WIRE_COUNT);
    long[] wiredAtRelease = {-1};
    VmSpaces spaces =
        kernel
            .vm
            .maps()
            .spaces(
                new UserPmaps() {
                  @Override
                  public Pmap pinit() {
                    return kernel.vm.userPmaps().pinit();
                  }

                  @Override
                  public void release(Pmap pmap) {
                    wiredAtRelease[0] = pmap.statistics().wiredCount();
                    kernel.vm.userPmaps().release(pmap);
                  }
                });
    VmSpace space = spaces.alloc();
    kernel.insert(space.map(), MapKernel.mapping(null, 0, 0), at(0), at(4));
    kernel.vm.maps().userWiring().unwire(space.map(), at(0), at(4), false);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isGreaterThan(wired + 3);

    spaces.free(space);

    assertThat(wiredAtRelease[0]).isZero();
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(wired);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
  }

  @Test
  void anExecLeavesTheOldSpaceForAnEmptyOne() {
    kernel.anonymous(0, 4);
    kernel.spaces.reference(kernel.space);

    VmSpace fresh = kernel.spaces.exec(kernel.space, null);

    assertThat(fresh.map().nentries()).isZero();
    assertThat(fresh.map().min()).isEqualTo(kernel.map.min());
    assertThat(kernel.layout()).as("others still use the old one").isEqualTo("0-4");
    kernel.spaces.exec(kernel.space, null);
    assertThat(kernel.spaces.live()).doesNotContain(kernel.space);
  }

  @Test
  void anExecOfAResidentSpaceIsAForkOfThat() {
    VmSpace resident = kernel.spaces.alloc();
    kernel.insert(resident.map(), MapKernel.mapping(null, 0, 0), at(5), at(7));

    VmSpace fresh = kernel.spaces.exec(kernel.space, resident);

    assertThat(MapKernel.layout(fresh.map())).isEqualTo("5-7");
    assertThat(kernel.spaces.live()).containsExactly(resident, fresh);
  }

  @Test
  void unsharingASharedSpaceIsAForkAndDropsTheReference() {
    kernel.anonymous(0, 4);
    kernel.spaces.reference(kernel.space);

    VmSpace mine = kernel.spaces.unshare(kernel.space);

    assertThat(mine).isNotSameAs(kernel.space);
    assertThat(MapKernel.layout(mine.map())).isEqualTo("0-4");
    assertThat(kernel.spaces.unshare(kernel.space)).isSameAs(kernel.space);
  }

  @Test
  void unsharingWhatNobodySharesKeepsNothing() throws Exception {
    assertThat(kernel.spaces.unshare(kernel.space)).isSameAs(kernel.space);

    assertThat(LwktThread.current().tokensHeld()).isEmpty();
    assertThat(kernel.map.lockHolders().owner()).isEmpty();
    CompletableFuture<VmSpace> fork =
        CompletableFuture.supplyAsync(() -> kernel.spaces.fork(kernel.space));
    assertThat(fork.get(30, TimeUnit.SECONDS).map().size()).isZero();
  }

  @Test
  void theProcessStackIsInherited() {
    kernel.space.setProcessStack(at(0), 3 * PAGE, 9 * PAGE);

    assertThat(kernel.spaces.fork(kernel.space).stackSize()).isEqualTo(3 * PAGE);
    assertThat(kernel.spaces.exec(kernel.space, null).stackSize()).isEqualTo(3 * PAGE);
  }
}
