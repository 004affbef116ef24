package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.fault.FaultOutcome;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs in ring 3, whose faults the VM serves from their own maps. */
class UserMachineTest {

  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x7FFF_0000_0000L;
  private static final int RW = VmProt.READ | VmProt.WRITE;

  /** mov rax, [rsi]; mov [rsi], rdx; mov rbx, [rsi]; out 0xF4, al; jmp $ */
  private static final String READ_WRITE_READ = "488b06 488916 488b1e e6f4 ebfe";

  private static final String READ = "488b06 e6f4 ebfe";
  private static final String WRITE = "488916 e6f4 ebfe";

  private final UserMachine machine = UserMachine.boot(UnicornLoader.load(), 32L << 20);
  private final UserSpace space = machine.createSpace("user");

  @BeforeEach
  void mapData() {
    machine.mapAnonymous(space, DATA, 4 * VmArith.PAGE_SIZE, RW);
    machine.set(Register.RSI, DATA);
    machine.set(Register.RDX, 0x77);
  }

  @AfterEach
  void checkAndClose() {
    assertThat(machine.vm().check()).isEmpty();
    machine.close();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private GuestEnd run(String program) {
    machine.loadProgram(space, CODE, bytes(program));
    return machine.runUser(space, CODE);
  }

  private VmPage dataPage() {
    return machine.vm().pages().at(space.pmap().extract(DATA));
  }

  @Test
  void aProgramReadsZeroesAndFindsWhatItWrote() {
    GuestEnd end = run(READ_WRITE_READ);

    assertThat(end.reason()).isEmpty();
    assertThat(machine.get(Register.CS) & 3).as("CPL").isEqualTo(3);
    assertThat(machine.get(Register.RAX)).isZero();
    assertThat(machine.get(Register.RBX)).isEqualTo(0x77);
    assertThat(machine.vm().trap().history().recent())
        .as("one fault for the read, none for the write to the same page")
        .extracting("va", "errorCode", "outcome")
        .contains(tuple(DATA, 4, FaultOutcome.RESOLVED));
  }

  @Test
  void theCpuSetsAccessedAndDirtyAndThePmapReportsThem() {
    run(READ_WRITE_READ);
    var mappings = machine.vm().pmap().mappings();
    machine.vm().tokens().vm().get();
    try {
      assertThat(mappings.isModified(dataPage())).isTrue();
      assertThat(mappings.testAndClearReferenced(dataPage())).isEqualTo(1);
      mappings.clearModify(dataPage());
      assertThat(space.pmap().tables().pte(DATA) & (PteBits.A | PteBits.M)).isZero();
      machine.runUser(space, CODE);
      assertThat(mappings.isModified(dataPage())).isTrue();
      assertThat(mappings.testAndClearReferenced(dataPage())).isEqualTo(1);
    } finally {
      machine.vm().tokens().vm().release();
    }
  }

  @Test
  void aReadLeavesThePageClean() {
    run(READ);
    machine.vm().tokens().vm().get();
    try {
      assertThat(machine.vm().pmap().mappings().isModified(dataPage())).isFalse();
      assertThat(dataPage().dirty()).isZero();
    } finally {
      machine.vm().tokens().vm().release();
    }
  }

  @Test
  void aHoleIsASegmentationFault() {
    machine.set(Register.RSI, DATA + 4 * VmArith.PAGE_SIZE);

    assertThat(run(READ).reason())
        .startsWith("SIGSEGV: no entry at the address; the guest's IDT has no vector 14");
  }

  @Test
  void kernelMemoryIsASegmentationFaultMappedOrNot() {
    long kernel = machine.loadKernelProgram(bytes(READ));
    machine.set(Register.RSI, kernel);
    assertThat(run(READ).reason()).startsWith("SIGSEGV: user-mode access to a kernel address");
    for (long va :
        new long[] {
          KvaLayout.KVA_START + (1L << 30), KvaLayout.KERNBASE,
        }) {
      machine.set(Register.RSI, va);
      assertThat(machine.runUser(space, CODE).reason())
          .startsWith("SIGSEGV: user-mode access to a kernel address");
    }
    for (long va :
        new long[] {
          KvaLayout.DMAP_MIN_ADDRESS, KvaLayout.UPT_MIN_ADDRESS + (CODE >>> 12) * Long.BYTES
        }) {
      machine.set(Register.RSI, va);
      assertThat(machine.runUser(space, CODE).reason())
          .as("0x%x", va)
          .startsWith("SIGSEGV: no entry at the address");
    }
  }

  @Test
  void aWriteToReadOnlyMemoryIsABusError() {
    machine.mapAnonymous(space, 0x50_0000, VmArith.PAGE_SIZE, VmProt.READ);
    machine.set(Register.RSI, 0x50_0000);

    assertThat(run(WRITE).reason()).startsWith("SIGBUS: the entry forbids the access");
    assertThat(machine.vm().trap().history().recent())
        .last()
        .extracting("outcome")
        .isEqualTo(FaultOutcome.PROTECTION);
  }

  @Test
  void aWriteToAReadOnlyPageThatIsThereIsABusErrorToo() {
    machine.mapAnonymous(space, 0x50_0000, VmArith.PAGE_SIZE, VmProt.READ);
    machine.set(Register.RSI, 0x50_0000);

    assertThat(run("488b06 488916").reason()).startsWith("SIGBUS: the entry forbids");
    assertThat(machine.get(Register.RAX)).isZero();
  }

  @Test
  void twoAddressSpacesDoNotSeeEachOther() {
    UserSpace other = machine.createSpace("other");
    machine.mapAnonymous(other, DATA, VmArith.PAGE_SIZE, RW);
    machine.loadProgram(other, CODE, bytes(READ_WRITE_READ));
    run(READ_WRITE_READ);
    machine.set(Register.RDX, 0x88);

    machine.runUser(other, CODE);
    assertThat(machine.get(Register.RAX)).as("fresh memory").isZero();
    assertThat(machine.get(Register.RBX)).isEqualTo(0x88);
    machine.runUser(space, CODE);

    assertThat(machine.get(Register.RAX)).as("what the first one wrote").isEqualTo(0x77);
    assertThat(machine.get(Register.CR3)).isEqualTo(space.pmap().tables().pml4().value());
  }

  @Test
  void theKernelReachesUserMemoryThroughTheMapOnTheCpu() {
    machine.vm().trap().setUserMap(space.map());
    long program = machine.loadKernelProgram(bytes(WRITE));
    machine.switchTo(space.pmap());
    machine.set(Register.RIP, program);

    machine.cpu().run();

    assertThat(machine.get(Register.CS) & 3).as("CPL").isZero();
    assertThat(machine.vm().ram().load64(dataPage().address())).isEqualTo(0x77);
    assertThat(dataPage().dirty()).as("a write fault says so at once").isNotZero();
  }

  @Test
  void aMappedPageOfANofaultEntryDoesNotFault() {
    var kmem = machine.vm().kmem();
    long va = kmem.allocNofault(machine.vm().kernelMap(), 4096, 4096).orThrow().value();
    long program = machine.loadKernelProgram(bytes(READ));
    machine.vm().kernelEnter().kenter(va, machine.vm().pmap().extract(program) & -4096L);
    machine.set(Register.RSI, va);

    GuestEnd end = machine.runKernel(program);

    assertThat(end.reason()).isEmpty();
    assertThat(machine.get(Register.RAX)).as("the program's first bytes").isNotZero();
    assertThat(machine.vm().trap().history().recorded()).isZero();
    machine.vm().kernelEnter().kremove(va);
  }
}
