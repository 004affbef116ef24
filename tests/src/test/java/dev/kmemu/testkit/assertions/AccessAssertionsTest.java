package dev.kmemu.testkit.assertions;

import static dev.kmemu.testkit.assertions.FaultPattern.exception;
import static dev.kmemu.testkit.assertions.FaultPattern.generalProtection;
import static dev.kmemu.testkit.assertions.FaultPattern.notPresent;
import static dev.kmemu.testkit.assertions.FaultPattern.pageFault;
import static dev.kmemu.testkit.assertions.FaultPattern.protection;
import static dev.kmemu.testkit.assertions.FaultPattern.reservedBit;
import static dev.kmemu.testkit.assertions.KmemuAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.assembler.Assembler;
import dev.kmemu.testkit.assembler.R32;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.UserMemory;
import dev.kmemu.testkit.guest.VmAnswer;
import dev.kmemu.testkit.junit.KmemuTest;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Assertions on accesses: each passes, and says why it doesn't. */
@KmemuTest
class AccessAssertionsTest {

  private static final VirtualAddress DATA = new VirtualAddress(0x7FFF_0000_0000L);

  private final KernelVm vm;
  private final GuestCpu guest;
  private VirtualAddress wired = DATA;
  private VirtualAddress free = DATA;

  AccessAssertionsTest(KernelVm vm, GuestCpu guest) {
    this.vm = vm;
    this.guest = guest;
  }

  @BeforeEach
  void allocate() {
    wired = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    free = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    vm.kmem().free(vm.kernelMap(), free, 4096);
  }

  private VirtualAddress pageable() {
    KmemSubmap submap = vm.kmem().suballoc(vm.kernelMap(), "pageable", 1 << 16);
    return vm.kmem().allocPageable(submap.map(), 4096).orThrow();
  }

  private GuestCpu user() {
    VmSpace space = vm.spaces().alloc();
    UserMemory.mapAnonymous(vm, space, DATA, 4096, VmProt.READ);
    return guest.user(space);
  }

  private static void fails(ThrowingCallable assertion, String... parts) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(assertion)
        .withMessageContainingAll(parts);
  }

  @Test
  void loadedValues() {
    assertThat(guest).load(wired).isZero().completesWithoutFault();
    assertThat(guest).store(wired, 0x1234).completes();
    assertThat(guest).load(wired.value()).isEqualTo(0x1234);
    assertThat(guest).load(wired, 1).isEqualTo(0x34);
    fails(
        () -> assertThat(guest).load(wired).isZero(),
        "Expecting load of 8 bytes at " + wired + " (CPL 0) to load 0x0\nbut was: 0x1234\n",
        "\nPage walk in kernel_pmap:\n" + wired + ", PML4 table at",
        "PTE ",
        "VM: kernel_map entry");
    fails(() -> assertThat(guest).load(free).isZero(), "to load 0x0\nbut was: #PF");
  }

  @Test
  void completion() {
    assertThat(guest).store(wired).completes().completesWithoutFault();
    assertThat(guest).fetch(wired).completes();
    assertThat(guest).fetch(wired.value()).completes();
    fails(
        () -> assertThat(guest).store(free).completes(),
        "Expecting store of 8 bytes at " + free + " (CPL 0) to complete\nbut was: #PF",
        "fatal trap: no entry at the address",
        "VM: no entry of kernel_map holds the address");
    VirtualAddress pageable = pageable();
    assertThat(guest).store(pageable.value()).completesAfter(notPresent().write().supervisor());
    fails(
        () -> assertThat(guest).load(pageable.plus(0)).completesAfter(pageFault()),
        "to complete after one #PF page fault\nbut was: ");
  }

  @Test
  void completionAfterAFault() {
    VirtualAddress pageable = pageable();
    fails(
        () -> assertThat(guest).load(pageable).completesWithoutFault(),
        "to complete without a page fault\nbut was: 0x0\nafter:   #PF page fault on " + pageable,
        "served by vm_fault");
    VirtualAddress other = pageable();
    fails(
        () -> assertThat(guest).load(other).completesAfter(notPresent().write()),
        "to complete after one #PF page fault (not present, write)\nbut was: 0x0\nafter:   #PF");
  }

  @Test
  void faults() {
    assertThat(guest).load(free).faults(notPresent().read().supervisor().at(free));
    assertThat(guest).store(free).faults(notPresent().write().answered(VmAnswer.Kind.FATAL));
    assertThat(guest).fetch(free).faults(notPresent().fetch());
    assertThat(user()).load(wired).faults(protection().read().user());
    assertThat(guest).load(0x8000_0000_0000L).faults(generalProtection());
    assertThat(user()).store(DATA).faults(pageFault().answered(VmAnswer.Kind.SIGBUS));
    fails(
        () -> assertThat(guest).store(free).faults(protection().nx()),
        "to end with #PF page fault (protection, fetch)\nbut was: #PF page fault on " + free);
    fails(
        () -> assertThat(guest).load(wired).faults(notPresent()),
        "to end with #PF page fault (not present)\nbut was: 0x0\n");
  }

  @Test
  void aNoExecuteMappingFaultsAtTheFetch(Machine machine) {
    var space = vm.spaces().alloc();
    UserMemory.mapAnonymous(vm, space, DATA, 4096, VmProt.ALL);
    GuestCpu user = guest.user(space);
    assertThat(user).load(DATA).completes();
    var tables = space.pmap().tables();
    long pte = PageTables.pteAddress(tables.pde(DATA.value()), DATA.value());
    tables.update(pte, 0, PteBits.NX);
    machine.tlb().invalidatePage(DATA);
    assertThat(guest.user(space.pmap())).fetch(DATA).faults(protection().nx().user());
    assertThat(guest.user(space.pmap())).load(DATA).completesWithoutFault();
    tables.update(pte, PteBits.NX, 0);
  }

  @Test
  void whatATestHasProbablyForgotten() {
    fails(
        () -> assertThat(guest).load(free).completes(),
        "hint:    nothing is allocated there: did the test forget vm.kmem().alloc");
    fails(
        () -> assertThat(guest).load(DATA).completes(),
        "hint:    a user address, and no user map is current: use guest.user(space)");
    fails(
        () -> assertThat(user()).load(DATA.plus(4096)).completes(),
        "hint:    nothing is mapped there: did the test forget UserMemory.mapAnonymous");
    fails(
        () -> assertThat(user()).load(wired).completes(),
        "hint:    ring 3 has no access to kernel addresses");
    fails(
        () -> assertThat(guest).load(0x8000_0000_0000L).completes(),
        "hint:    bits 63 to 47 of the address differ");
    long outside = KvaLayout.physToDmap(0x1000_0000L);
    fails(
        () -> assertThat(guest).load(outside).isZero(),
        "but was: 0xffffffffffffffff",
        "hint:    physical address 0x10000000 is outside guest RAM, which has 32 MiB",
        "give the machine more (@Ram)");
    fails(
        () -> assertThat(guest).load(0xFFFF_8080_0000_0000L).completes(),
        "hint:    only kernel_map's addresses, from 0xffffffe000000000 on, are served");
  }

  @Test
  void programs() {
    var run = guest.run(new Assembler().mov(R32.EAX, 7).hlt().assemble());
    assertThat(run).completes().hasRegister(Register.RAX, 7).hasServedFaults(0);
    fails(
        () -> assertThat(run).hasRegister(Register.RAX, 8),
        "to leave 0x8 in RAX, which is 0x7\nbut it came to its HLT");
    fails(() -> assertThat(run).hasServedFaults(1), "to raise 1 page faults that the VM serves");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.register(Register.CR3))
        .withMessageContaining("CR3 isn't kept");
    var bad = guest.run(new Assembler().ud2().assemble());
    assertThat(bad).faults(exception(6));
    fails(() -> assertThat(bad).completes(), "to come to its HLT\nbut it ended with #UD");
    fails(() -> assertThat(bad).faults(generalProtection()), "to end with #GP");
  }

  @Test
  void aPatternThatNoFaultCanHaveIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> notPresent().nx())
        .withMessage("a page fault can't be both: #PF page fault (not present), and protection");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> protection().write().fetch())
        .withMessageContaining("protection, write), and fetch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generalProtection().write())
        .withMessageContaining("has no page-fault error code: begin with pageFault()");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> exception(32))
        .withMessage("an exception has a vector of 0 to 31, not 32");
    assertThat(reservedBit().user().toString()).isEqualTo("#PF page fault (reserved bit, user)");
  }
}
