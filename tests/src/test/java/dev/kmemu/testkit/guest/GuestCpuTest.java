package dev.kmemu.testkit.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.testkit.assembler.Assembler;
import dev.kmemu.testkit.assembler.Label;
import dev.kmemu.testkit.assembler.Mem;
import dev.kmemu.testkit.assembler.R32;
import dev.kmemu.testkit.assembler.R64;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Accesses and programs of the guest CPU tell what the CPU did and what the VM said. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuestCpuTest {

  private static final long DATA = 0x7FFF_0000_0000L;
  private static final int RW = VmProt.READ | VmProt.WRITE;
  private static final long PAGE = 4096;

  private TestMachine test;
  private KernelVm vm;
  private GuestCpu guest;

  @BeforeAll
  void boot() {
    test = TestMachine.boot(UnicornLoader.load(), MachineConfiguration.standard());
    vm = test.vm();
    guest = test.guest();
  }

  @BeforeEach
  void reset() {
    test.reset();
  }

  @AfterEach
  void check() {
    assertThat(vm.check()).isEmpty();
  }

  @AfterAll
  void close() {
    test.close();
  }

  private VirtualAddress wired() {
    return vm.kmem().alloc(vm.kernelMap(), PAGE).orThrow();
  }

  private VmSpace space() {
    VmSpace space = vm.spaces().alloc();
    UserMemory.mapAnonymous(vm, space, new VirtualAddress(DATA), 2 * PAGE, RW);
    return space;
  }

  @Test
  void wiredMemoryIsLoadedAndStoredWithoutAFault() {
    VirtualAddress kva = wired();

    assertThat(guest.load(kva).value()).isZero();
    assertThat(guest.store(kva, 0x1122_3344_5566_7788L).served()).isEmpty();
    assertThat(guest.load(kva.plus(1), 1).value()).isEqualTo(0x77);
    assertThat(guest.load(kva, 2).value()).isEqualTo(0x7788);
    assertThat(guest.load(kva, 4).value()).isEqualTo(0x5566_7788L);
    GuestAccess store = guest.store(kva, 0xFF, 2);
    assertThat(store.isCompleted()).isTrue();
    assertThat(guest.load(kva).value()).isEqualTo(0x1122_3344_5566_00FFL);
    assertThat(store).hasToString("store of 0xff, 2 bytes, at " + kva + " at CPL 0: completed");
  }

  @Test
  void anAccessHasASizeThatTheCpuHas() {
    VirtualAddress kva = wired();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> guest.load(kva, 3))
        .withMessage("an access has 1, 2, 4 or 8 bytes, not 3");
  }

  @Test
  void pageableMemoryIsServedByTheVmAtTheFirstAccess() {
    KmemSubmap submap = vm.kmem().suballoc(vm.kernelMap(), "pageable", 16 * PAGE);
    VirtualAddress kva = vm.kmem().allocPageable(submap.map(), PAGE).orThrow();

    GuestAccess first = guest.store(kva, 7);
    assertThat(first.isCompleted()).isTrue();
    assertThat(first.served())
        .singleElement()
        .isEqualTo(
            new GuestFault(
                TrapFrame.PAGE_FAULT,
                TrapFrame.PF_WRITE,
                kva,
                first.served().get(0).rip(),
                0,
                new VmAnswer(VmAnswer.Kind.SERVED, "")));
    assertThat(guest.load(kva).served()).isEmpty();
    assertThat(guest.load(kva).value()).isEqualTo(7);
  }

  @Test
  void anAddressThatNothingMapsIsAFatalTrap() {
    VirtualAddress kva = wired();
    vm.kmem().free(vm.kernelMap(), kva, PAGE);

    GuestFault fault = guest.load(kva).fault().orElseThrow();
    assertThat(fault.address()).isEqualTo(kva);
    assertThat(fault.errorCode()).isZero();
    assertThat(fault.cpl()).isZero();
    assertThat(fault.answer())
        .isEqualTo(new VmAnswer(VmAnswer.Kind.FATAL, "no entry at the address"));
    assertThat(guest.store(kva, 1).fault().orElseThrow().errorCode()).isEqualTo(TrapFrame.PF_WRITE);
    assertThat(guest.history()).hasSize(2).first().asString().contains("load of 8 bytes", "#PF");
  }

  @Test
  void anAddressThatIsNotCanonicalIsAGeneralProtectionFault() {
    GuestFault fault = guest.load(0x8000_0000_0000L).fault().orElseThrow();
    assertThat(fault.vector()).isEqualTo(TrapFrame.GENERAL_PROTECTION);
    assertThat(fault.answer().kind()).isEqualTo(VmAnswer.Kind.NOT_ASKED);
  }

  @Test
  void ring3TouchesItsOwnSpaceAndNoOther() {
    VmSpace space = space();
    GuestCpu user = guest.user(space);

    GuestAccess first = user.load(DATA);
    assertThat(first.value()).isZero();
    assertThat(first.served().get(0).errorCode()).isEqualTo(TrapFrame.PF_USER);
    assertThat(first.served().get(0).cpl()).isEqualTo(3);
    assertThat(user.store(DATA, 9).served()).isEmpty();
    assertThat(user.load(DATA).value()).isEqualTo(9);

    GuestFault hole = user.load(DATA + 2 * PAGE).fault().orElseThrow();
    assertThat(hole.answer().kind()).isEqualTo(VmAnswer.Kind.SIGSEGV);
    VirtualAddress kva = wired();
    GuestFault kernel = user.load(kva).fault().orElseThrow();
    assertThat(kernel.errorCode()).isEqualTo(TrapFrame.PF_USER | TrapFrame.PF_PRESENT);
    assertThat(guest.load(kva).isCompleted()).isTrue();
    assertThat(guest.load(DATA).fault().orElseThrow().answer().text())
        .isEqualTo("address below the kernel, and no user address space");
    assertThat(guest.kernel(space).load(DATA).value()).isEqualTo(9);
  }

  @Test
  void aPmapWithoutAMapGetsASignalForWhatIsNotEntered() {
    var pmap = vm.userPmaps().pinit();
    GuestFault fault = guest.user(pmap).load(DATA).fault().orElseThrow();
    assertThat(fault.answer().kind()).isEqualTo(VmAnswer.Kind.SIGSEGV);
    assertThat(pmap.statistics().residentCount()).as("the root alone").isEqualTo(1);
  }

  @Test
  void aFetchStopsBeforeTheInstruction() {
    VirtualAddress kva = wired();
    guest.store(kva, 0x0B0F); // ud2
    assertThat(guest.fetch(kva).isCompleted()).isTrue();
    assertThat(guest.load(kva).value()).as("nothing stays planted").isEqualTo(0x0B0F);
    assertThat(guest.fetch(0x8000_0000_0000L).fault().orElseThrow().vector())
        .isEqualTo(TrapFrame.GENERAL_PROTECTION);
    assertThat(guest.fetch(kva)).hasToString("fetch at " + kva + " at CPL 0: completed");

    VmSpace space = space();
    assertThat(guest.user(space).fetch(DATA).served()).hasSize(1);
    assertThat(guest.user(space).fetch(DATA + 2 * PAGE).fault().orElseThrow().errorCode())
        .isEqualTo(TrapFrame.PF_USER | TrapFrame.PF_FETCH);
  }

  @Test
  void noExecuteForbidsTheFetchAlone() {
    VirtualAddress kva = wired();
    PageTables tables = vm.pmap().tables();
    long pte = PageTables.pteAddress(tables.pde(kva.value()), kva.value());
    tables.update(pte, 0, PteBits.NX);
    assertThat(guest.load(kva).served()).isEmpty();
    GuestAccess fetch = guest.fetch(kva);
    assertThat(fetch.served())
        .as("pmap_enter makes pages executable again")
        .extracting(GuestFault::errorCode)
        .containsExactly(TrapFrame.PF_PRESENT | TrapFrame.PF_FETCH);
    assertThat(fetch.isCompleted()).isTrue();
    assertThat(tables.load(pte) & PteBits.NX).isZero();
  }

  @Test
  void aTranslationThatWasNotFlushedIsStillUsed() {
    VirtualAddress kva = wired();
    VirtualAddress other = wired();
    guest.store(kva, 1);
    guest.store(other, 2);
    PageTables tables = vm.pmap().tables();
    long address = PageTables.pteAddress(tables.pde(kva.value()), kva.value());
    long was = tables.exchange(address, tables.pte(other.value()));
    assertThat(guest.load(kva).value()).as("stale").isEqualTo(1);
    test.machine().tlb().invalidatePage(kva);
    assertThat(guest.load(kva).value()).as("flushed").isEqualTo(2);
    tables.store(address, was);
    test.machine().tlb().invalidatePage(kva);
  }

  @Test
  void theCpuMarksEveryLevelOfThePmapItself() {
    VmSpace space = space();
    guest.user(space).store(DATA, 1);
    PageTables tables = space.pmap().tables();
    assertThat(tables.pte(DATA) & (PteBits.A | PteBits.M)).isEqualTo(PteBits.A | PteBits.M);
    long root = tables.load(tables.pml4().value() + (DATA >>> 39) * Long.BYTES);
    assertThat(root & PteBits.A).as("of the top table").isEqualTo(PteBits.A);
  }

  @Test
  void aProgramRunsToItsHltInEitherRing() {
    Assembler code = new Assembler();
    Label again = code.label("again");
    var program =
        code.mov(R64.RCX, 2)
            .bind(again)
            .mov(Mem.qwordPtr(R64.RDI), R64.RCX)
            .add(R64.RDI, 4096)
            .push(R64.RCX)
            .pop(R64.RBX)
            .dec(R64.RCX)
            .jnz(again)
            .hlt()
            .assemble();
    VmSpace space = space();
    GuestRun run = guest.user(space).set(Register.RDI, DATA).run(program);
    assertThat(run.fault()).isEmpty();
    assertThat(run.served()).hasSize(2);
    assertThat(run.register(Register.RDI)).isEqualTo(DATA + 2 * PAGE);
    assertThat(run.register(Register.RBX)).isEqualTo(1);
    VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 2 * PAGE).orThrow();
    assertThat(guest.set(Register.RDI, kva.value()).run(program).served()).isEmpty();
    assertThat(guest.load(kva.plus(PAGE)).value()).isEqualTo(1);
    assertThat(guest.get(Register.CS)).isEqualTo(8);
  }

  @Test
  void aProgramEndsAtTheExceptionThatNobodyAnswers() {
    GuestRun run = guest.run(new Assembler().nop().ud2().assemble());
    GuestFault end = run.fault().orElseThrow();
    assertThat(end.vector()).isEqualTo(TrapFrame.INVALID_OPCODE);
    assertThat(end.rip()).isEqualTo(run.origin().plus(1));
    GuestRun user = guest.user(space()).run(new Assembler().cli().hlt().assemble());
    assertThat(user.fault().orElseThrow().vector()).isEqualTo(TrapFrame.GENERAL_PROTECTION);
    assertThat(user.isCompleted()).isFalse();
  }

  @Test
  void aProgramThatDoesNotEndIsStopped() {
    Assembler code = new Assembler();
    Label forever = code.label("forever");
    var program = code.bind(forever).jmp(forever).assemble();
    guest.setTimeLimit(Duration.ofMillis(50));
    assertThatThrownBy(() -> guest.run(program))
        .isInstanceOf(GuestHangsException.class)
        .hasMessageContainingAll("has run for 50 ms", "end the program with hlt");
    guest.setTimeLimit(Duration.ofSeconds(10));
    assertThat(guest.run(new Assembler().mov(R32.EAX, 5).hlt().assemble()).register(Register.RAX))
        .isEqualTo(5);
  }

  @Test
  void aProgramThatIsTooLongIsRefused() {
    Assembler code = new Assembler();
    for (int i = 0; i < 8193; i++) {
      code.dq(0);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> guest.run(code.assemble()))
        .withMessageStartingWith("a program of 65544 bytes: at most 65536");
  }

  @Test
  void aWalkShowsEveryLevelAndWhatTheVmThinks() {
    VirtualAddress kva = wired();
    assertThat(guest.walk(kva))
        .contains("PML4E", "PDE", "PTE", "physical ", "VM: kernel_map entry", "wired_count 1");
    assertThat(guest.walk(new VirtualAddress(DATA))).contains("not mapped", "no map of it");
  }

  @Test
  void featuresOfPagingAreOnAsAskedFor() {
    var configuration =
        MachineConfiguration.standard().withFeatures(Set.of(CpuFeature.SMAP, CpuFeature.SMEP));
    try (TestMachine other = TestMachine.boot(UnicornLoader.load(), configuration)) {
      VmSpace space = other.vm().spaces().alloc();
      UserMemory.mapAnonymous(other.vm(), space, new VirtualAddress(DATA), PAGE, RW);
      other.guest().user(space).store(DATA, 1);
      GuestCpu kernel = other.guest().kernel(space);
      assertThat(kernel.load(DATA).fault().orElseThrow().answer().kind())
          .as("SMAP")
          .isEqualTo(VmAnswer.Kind.REPEATED);
      assertThat(kernel.fetch(DATA).fault().orElseThrow())
          .as("SMEP")
          .hasToString(
              "#PF page fault on 0x00007fff00000000 (supervisor fetch, protection) at CPL 0, no"
                  + " way out: vm_fault served it, and the same instruction raised it again, 100"
                  + " times: the entry that was made doesn't allow the access");
      assertThat(kernel.get(Register.EFER) & CpuFeature.NX.bit()).isZero();
      assertThat(kernel.get(Register.CR0) & CpuFeature.WP.bit()).isZero();
    }
  }

  @Test
  void resetMakesTheMachineAsNew() {
    String hash = test.machine().stateHash();
    VmSpace space = space();
    guest.user(space).store(DATA, 1);
    guest.store(wired(), 1);
    assertThat(test.machine().stateHash()).isNotEqualTo(hash);
    test.reset();
    assertThat(test.machine().stateHash()).isEqualTo(hash);
    assertThat(guest.history()).isEmpty();
    assertThat(vm.spaces().live()).isEmpty();
    assertThat(KvaLayout.isUser(DATA)).isTrue();
  }
}
