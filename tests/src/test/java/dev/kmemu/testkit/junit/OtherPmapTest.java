package dev.kmemu.testkit.junit;

import static dev.kmemu.testkit.assertions.FaultPattern.protection;
import static dev.kmemu.testkit.assertions.KmemuAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.UserMemory;
import dev.kmemu.testkit.guest.VmAnswer;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import org.junit.jupiter.api.Test;

/** A test runs on the pmap that it names, and a pmap that forgets its flushes is caught. */
class OtherPmapTest {

  private static final VirtualAddress DATA = new VirtualAddress(0x40_0000);

  /** Never flushes. */
  public static final class Lazy implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new StandardPmap(context.withTlb(TlbControl.none()));
    }
  }

  private static void protect(KernelVm vm, GuestCpu guest) {
    VmSpace space = vm.spaces().alloc();
    UserMemory.mapAnonymous(vm, space, DATA, 4096, VmProt.READ | VmProt.WRITE);
    GuestCpu user = guest.user(space);
    assertThat(user).store(DATA, 1).completes();
    vm.maps()
        .protection()
        .protect(space.map(), DATA.value(), DATA.value() + 4096, VmProt.READ, false);
    assertThat(user)
        .store(DATA, 2)
        .faults(protection().write().user().answered(VmAnswer.Kind.SIGBUS));
  }

  @KmemuTest
  static class OnTheStandardPmap {
    @Test
    void test(KernelVm vm, GuestCpu guest) {
      protect(vm, guest);
    }
  }

  @KmemuTest
  @WithPmap(Lazy.class)
  static class OnTheLazyOne {
    @Test
    void test(KernelVm vm, GuestCpu guest) {
      protect(vm, guest);
    }
  }

  @Test
  void theStandardPmapFlushes() {
    assertThat(InnerRun.of(OnTheStandardPmap.class).failures()).isEmpty();
  }

  @Test
  void aPmapThatDoesNotFlushIsCaughtByAStaleTranslation() {
    assertThat(InnerRun.of(OnTheLazyOne.class).failure())
        .hasMessageContaining("Expecting store of 8 bytes at " + DATA + " (CPL 3) to end with #PF")
        .hasMessageContaining(
            "but was: completed\nhint:    the page tables don't allow it any more")
        .hasMessageContaining("user r-x");
  }

  /** Nobody can make it. */
  private static final class Hidden implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new StandardPmap(context);
    }
  }

  @KmemuTest
  @WithPmap(Hidden.class)
  static class OnAHiddenOne {
    @Test
    void test(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }
  }

  @Test
  void aPmapThatCannotBeMadeIsNamedWithTheWayOut() {
    assertThat(InnerRun.of(OnAHiddenOne.class).failure())
        .hasMessageContaining("OtherPmapTest$Hidden must be public and not abstract");
  }
}
