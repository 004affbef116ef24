package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.GuestSignal;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a fault at an address that the current user map is asked for. */
class UserFaultTest {

  private static final long VA = 0x40_0000L;
  private static final int USER_READ = TrapFrame.PF_USER;
  private static final int USER_WRITE = TrapFrame.PF_USER | TrapFrame.PF_WRITE;

  private final TestKernel kernel = TestKernel.small();
  private final Pmap pmap = kernel.vm.userPmaps().pinit();
  private final VmMap map = kernel.vm.maps().create("user", pmap, 0, KvaLayout.USER_END);

  @BeforeEach
  void makeItCurrent() {
    map(VA, VmProt.ALL);
    kernel.vm.trap().setUserMap(map);
  }

  @AfterEach
  void check() {
    kernel.check();
  }

  private void map(long va, int prot) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      map.lock();
      try {
        assertThat(
                kernel
                    .vm
                    .maps()
                    .insertion()
                    .insert(
                        map,
                        reservation,
                        new MapInsertion.Mapping(null, 0, MapType.NORMAL, prot, VmProt.ALL, 0),
                        va,
                        va + PAGE))
            .isEqualTo(KernReturn.SUCCESS);
      } finally {
        map.unlock();
      }
    }
  }

  private TrapVerdict access(long va, int code) {
    return kernel.vm.hostKernel().pageFault(new FakeTrapFrame().at(va, code));
  }

  private void assertSignal(TrapVerdict verdict, GuestSignal signal) {
    assertThat(verdict).isInstanceOf(TrapVerdict.Signal.class);
    assertThat(((TrapVerdict.Signal) verdict).signal()).isEqualTo(signal);
  }

  private VmPage page() {
    return kernel.vm.pages().at(pmap.extract(VA));
  }

  @Test
  void aWriteOfTheProgramEntersADirtyPage() {
    assertThat(access(VA + 17, USER_WRITE)).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(pmap.tables().pte(VA) & (PteBits.U | PteBits.RW)).isEqualTo(PteBits.U | PteBits.RW);
    assertThat(page().dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(kernel.vm.pmap().extract(VA)).as("the kernel's own tables").isZero();
  }

  @Test
  void aReadOfTheProgramEntersACleanPage() {
    assertThat(access(VA, USER_READ)).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(page().dirty()).isZero();
  }

  @Test
  void aFetchIsServedAsARead() {
    assertThat(access(VA, USER_READ | TrapFrame.PF_FETCH)).isEqualTo(TrapVerdict.Resume.INSTANCE);
  }

  @Test
  void theKernelsAccessToAUserAddressIsServedByTheUserMap() {
    assertThat(access(VA, TrapFrame.PF_WRITE)).isEqualTo(TrapVerdict.Resume.INSTANCE);

    assertThat(pmap.extract(VA)).isNotZero();
  }

  @Test
  void aHoleIsASegmentationFaultForTheProgram() {
    assertSignal(access(VA + PAGE, USER_READ), GuestSignal.SIGSEGV);
  }

  @Test
  void aForbiddenAccessIsABusErrorForTheProgram() {
    map(VA + 4 * PAGE, VmProt.READ);

    assertSignal(access(VA + 4 * PAGE, USER_WRITE), GuestSignal.SIGBUS);
  }

  @Test
  void theProgramGetsASignalWhateverOnfaultSays() {
    kernel.vm.trap().setOnFault(new VirtualAddress(KvaLayout.KERNBASE));

    assertSignal(access(VA + PAGE, USER_READ), GuestSignal.SIGSEGV);
  }

  @Test
  void aHoleIsFatalForTheKernelUnlessOnfaultIsSet() {
    assertThat(access(VA + PAGE, 0)).isInstanceOf(TrapVerdict.Fatal.class);
    VirtualAddress recovery = new VirtualAddress(KvaLayout.KERNBASE + 4);
    kernel.vm.trap().setOnFault(recovery);

    assertThat(access(VA + PAGE, 0)).isEqualTo(new TrapVerdict.ResumeAt(recovery));
  }

  @Test
  void theDirectMapAndTheRecursiveSlotAreLookedUpInTheUserMap() {
    for (long va : new long[] {KvaLayout.DMAP_MIN_ADDRESS, KvaLayout.UPT_MIN_ADDRESS}) {
      TrapVerdict verdict = access(va, 0);
      assertThat(verdict).isInstanceOf(TrapVerdict.Fatal.class);
      assertThat(((TrapVerdict.Fatal) verdict).cause()).isEqualTo("no entry at the address");
      assertSignal(access(va, USER_READ | TrapFrame.PF_PRESENT), GuestSignal.SIGSEGV);
    }
  }

  @Test
  void withoutAUserMapTheProgramGetsASegmentationFault() {
    kernel.vm.trap().setUserMap(null);

    assertSignal(access(VA, USER_READ), GuestSignal.SIGSEGV);
    assertThat(((TrapVerdict.Fatal) access(VA, 0)).cause()).contains("no user address space");
  }

  @Test
  void aCorruptTableIsFatalInUserModeToo() {
    TrapVerdict verdict = access(VA, USER_READ | TrapFrame.PF_PRESENT | TrapFrame.PF_RESERVED);

    assertThat(((TrapVerdict.Fatal) verdict).report()).contains("while in user mode");
  }
}
