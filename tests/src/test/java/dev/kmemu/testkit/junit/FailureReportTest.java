package dev.kmemu.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed test shows what its machine was like; so does one that leaves a broken VM. */
class FailureReportTest {

  private static void breakWiring(KernelVm vm) {
    VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    var tables = vm.pmap().tables();
    long pte = PageTables.pteAddress(tables.pde(kva.value()), kva.value());
    tables.update(pte, PteBits.W, 0);
  }

  @KmemuTest
  static class Failing {
    @Test
    void loadsWhatIsFree(KernelVm vm, GuestCpu guest) {
      VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
      vm.kmem().free(vm.kernelMap(), kva, 4096);
      guest.load(kva);
      fail("on purpose");
    }
  }

  @Test
  void theReportHoldsTheWalkTheMapTheFaultsAndTheCommand() {
    Throwable failure = InnerRun.of(Failing.class).failure();
    assertThat(failure).isInstanceOf(AssertionError.class).hasMessage("on purpose");
    assertThat(failure.getSuppressed()).singleElement().isInstanceOf(KmemuReport.class);
    String report = String.valueOf(failure.getSuppressed()[0].getMessage());
    assertThat(report)
        .contains("Machine: RAM 32 MiB")
        .contains("What the guest did last:\n   load of 8 bytes at 0xffffffe0")
        .containsPattern("Page walk of 0xffffffe0\\w+ in kernel_pmap:\n   .*PML4 table at")
        .contains("VM: no entry of kernel_map holds the address")
        .contains("supervisor read, not present at RIP 0x", "no entry at the address")
        .contains("Kernel map:\n", "is in no entry")
        .contains("-Dtest='dev.kmemu.testkit.junit.FailureReportTest$Failing#loadsWhatIsFree'");
  }

  @KmemuTest
  static class FailingBefore {
    @BeforeEach
    void before(GuestCpu guest) {
      guest.load(0);
      throw new IllegalStateException("before");
    }

    @Test
    void neverRuns() {}
  }

  @Test
  void aFailureBeforeTheTestHasAReportToo() {
    Throwable failure = InnerRun.of(FailingBefore.class).failure();
    assertThat(failure).hasMessage("before");
    assertThat(failure.getSuppressed()[0]).isInstanceOf(KmemuReport.class);
  }

  @KmemuTest
  static class Breaking {
    @Test
    void leavesAMess(KernelVm vm) {
      breakWiring(vm);
    }
  }

  @Test
  void aTestThatLeavesBrokenInvariantsFails() {
    Throwable failure = InnerRun.of(Breaking.class).failure();
    assertThat(failure)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("the test has left a kernel VM whose invariants are broken:\n  V")
        .hasMessageContaining("@SkipInvariantCheck");
    assertThat(failure.getSuppressed()[0]).isInstanceOf(KmemuReport.class);
  }

  @KmemuTest
  static class BreakingAndFailing {
    @Test
    void leavesAMess(KernelVm vm) {
      breakWiring(vm);
      fail("first");
    }
  }

  @Test
  void brokenInvariantsDoNotHideTheFailureOfTheTest() {
    Throwable failure = InnerRun.of(BreakingAndFailing.class).failure();
    assertThat(failure).hasMessage("first");
    assertThat(failure.getSuppressed())
        .hasSize(2)
        .anySatisfy(also -> assertThat(also).hasMessageContaining("invariants are broken"));
  }

  @KmemuTest
  @SkipInvariantCheck("breaks them")
  static class OnPurpose {
    @Test
    void unchecked(KernelVm vm) {
      breakWiring(vm);
    }

    @Test
    @CheckInvariants
    void checkedAgain(KernelVm vm) {
      breakWiring(vm);
    }
  }

  @Test
  void theCheckIsSwitchedOffAndOnByAnnotations() {
    assertThat(InnerRun.of(OnPurpose.class).failures()).containsOnlyKeys("checkedAgain(KernelVm)");
  }

  @KmemuTest
  static class HoldingALock {
    @Test
    void leavesTheMapLocked(KernelVm vm) {
      vm.kernelMap().lock();
    }
  }

  @Test
  void aTestThatLeavesALockHeldIsToldWhose() {
    Throwable failure = InnerRun.of(HoldingALock.class).failure();
    assertThat(failure)
        .hasMessageStartingWith("the test has ended, but the kernel VM isn't at rest: ")
        .hasMessageContaining("the lock of");
    assertThat(InnerRun.of(FreshMachineTest.Repeated.class).failures())
        .as("the next test has a machine that is at rest")
        .isEmpty();
  }

  @Test
  void theCommandIsOneOfTheProjectsOwnBuild(@TempDir Path directory) throws Exception {
    assertThat(Reproduction.commands("a.B", "c", directory, false))
        .containsExactly("gradle test --tests 'a.B.c'");
    Path pom = Files.createFile(directory.resolve("pom.xml"));
    assertThat(Reproduction.commands("a.B", "c", directory, false))
        .containsExactly(
            "mvn test -Dtest='a.B#c'",
            "./kmemu test -f " + pom + " -Dtest='a.B#c'   (in a checkout of kmemu)");
  }
}
