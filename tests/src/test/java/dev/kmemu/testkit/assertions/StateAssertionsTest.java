package dev.kmemu.testkit.assertions;

import static dev.kmemu.testkit.assertions.KmemuAssertions.assertThat;
import static dev.kmemu.testkit.assertions.KmemuAssertions.pmap;
import static dev.kmemu.testkit.assertions.KmemuAssertions.vm;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.UserMemory;
import dev.kmemu.testkit.junit.KmemuTest;
import dev.kmemu.testkit.junit.SkipInvariantCheck;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Assertions on page tables and on the VM: each passes, and says why it doesn't. */
@KmemuTest
class StateAssertionsTest {

  private static final VirtualAddress DATA = new VirtualAddress(0x7FFF_0000_0000L);

  private final KernelVm kernel;
  private final GuestCpu guest;

  StateAssertionsTest(KernelVm vm, GuestCpu guest) {
    this.kernel = vm;
    this.guest = guest;
  }

  private VirtualAddress alloc() {
    return kernel.kmem().alloc(kernel.kernelMap(), 4096).orThrow();
  }

  private static void fails(ThrowingCallable assertion, String... parts) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(assertion)
        .withMessageContainingAll(parts);
  }

  @Test
  void mappings() {
    VirtualAddress kva = alloc();
    long pa = kernel.pmap().extract(kva.value());
    guest.store(kva, 1);
    pmap(kernel)
        .maps(kva)
        .to(pa)
        .to(kernel.pages().at(pa))
        .ofSize(4096)
        .writable()
        .supervisor()
        .executable()
        .accessed()
        .dirty()
        .wired()
        .managed();
    pmap(kernel).maps(kva.value()).to(kernel.pages().at(pa).address());
    fails(
        () -> pmap(kernel).maps(kva).to(0x1000),
        "Expecting the mapping of " + kva + " in kernel_pmap to lead to 0x1000:\n\n",
        "PTE ",
        "VM: kernel_map entry");
    fails(() -> pmap(kernel).maps(kva).ofSize(1 << 21), "of a page of 2097152 bytes");
    fails(() -> pmap(kernel).maps(kva).readOnly(), "to be read-only");
    fails(() -> pmap(kernel).maps(kva).user(), "to be ring 3's");
    fails(() -> pmap(kernel).maps(kva).notExecutable(), "not to be executable");
    fails(() -> pmap(kernel).maps(kva).notAccessed(), "to have A clear");
    fails(() -> pmap(kernel).maps(kva).clean(), "to have D clear");
    fails(() -> pmap(kernel).maps(kva).notWired(), "not to be wired (PG_W)");
    fails(() -> pmap(kernel).maps(kva).unmanaged(), "to be unmanaged (PG_MANAGED)");
    fails(() -> pmap(kernel).doesNotMap(kva), "to be absent");
  }

  @Test
  void theOtherHalfOfTheBits() {
    VmSpace space = kernel.spaces().alloc();
    UserMemory.mapAnonymous(kernel, space, DATA, 4096, VmProt.READ);
    guest.user(space).load(DATA);
    PageTables tables = space.pmap().tables();
    long pte = PageTables.pteAddress(tables.pde(DATA.value()), DATA.value());
    tables.update(pte, PteBits.A, PteBits.NX);
    pmap(kernel, space.pmap())
        .maps(DATA)
        .readOnly()
        .user()
        .notExecutable()
        .notAccessed()
        .clean()
        .notWired()
        .managed();
    pmap(kernel, space.pmap()).doesNotMap(DATA.plus(4096)).doesNotMap(DATA.value() - 4096);
    pmap(kernel, space.pmap()).hasPvEntries(1).hasResidentPages(5).hasWiredPages(0);
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).writable(), "to be writable");
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).supervisor(), "the supervisor's alone");
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).executable(), "to be executable");
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).accessed(), "to have A set");
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).dirty(), "to have D set");
    fails(() -> pmap(kernel, space.pmap()).maps(DATA).wired(), "to be wired (PG_W)");
    fails(
        () -> pmap(kernel, space.pmap()).maps(DATA.plus(4096)),
        "to be present:",
        "not mapped: the PTE isn't present",
        "VM: no entry of vmspace 1 holds the address");
    fails(
        () -> pmap(kernel, space.pmap()).hasPvEntries(2),
        "Expecting the number of PV entries of pmap 1 to be 2\nbut was: 1");
    fails(() -> pmap(kernel, space.pmap()).hasResidentPages(1), "resident_count");
    fails(() -> pmap(kernel, space.pmap()).hasWiredPages(1), "wired_count");
    tables.update(pte, PteBits.NX, PteBits.A);
    fails(
        () -> pmap(kernel).maps(KvaLayout.physToDmap(0x1000)).managed(),
        "to be managed (PG_MANAGED)");
    pmap(kernel).maps(KvaLayout.physToDmap(0x1000)).unmanaged().ofSize(1 << 21).to(0x1000);
  }

  @Test
  void wiredMemory() {
    VirtualAddress kva = alloc();
    vm(kernel).wiredAt(kva).hasEntryAt(kva);
    assertThat(kernel).wiredAt(kva.value());
    VirtualAddress pageable = kernel.kmem().allocPageable(kernel.kernelMap(), 4096).orThrow();
    fails(
        () -> vm(kernel).wiredAt(pageable),
        "Expecting a wired entry at " + pageable,
        "not mapped",
        "The kernel map:\n",
        "-> 0x");
    kernel.kmem().free(kernel.kernelMap(), kva, 4096);
    vm(kernel).freeAt(kva);
    fails(() -> vm(kernel).freeAt(pageable), "Expecting no entry at " + pageable);
    VirtualAddress hole = new VirtualAddress(KvaLayout.KERNBASE - (1 << 20));
    fails(
        () -> vm(kernel).hasEntryAt(hole),
        "Expecting an entry at " + hole,
        "-> " + hole + " is in no entry");
  }

  @Test
  void countersAreNamedAsUpstream() {
    long wired = kernel.reports().counters().getOrDefault("v_wire_count", -1L);
    alloc();
    vm(kernel).hasCounter("v_wire_count", wired + 1).isConsistent();
    fails(
        () -> vm(kernel).hasCounter("v_wire_count", wired),
        "Expecting v_wire_count to be " + wired + "\nbut was: " + (wired + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> vm(kernel).hasCounter("v_nothing", 0))
        .withMessageContainingAll("there is no counter v_nothing", "v_wire_count");
  }

  @Test
  @SkipInvariantCheck("breaks one")
  void aBrokenInvariantIsNamed() {
    VirtualAddress kva = alloc();
    PageTables tables = kernel.pmap().tables();
    tables.update(PageTables.pteAddress(tables.pde(kva.value()), kva.value()), PteBits.W, 0);
    fails(() -> vm(kernel).wiredAt(kva), "Expecting a wired mapping at " + kva);
    fails(() -> vm(kernel).isConsistent(), "Expecting all invariants to hold, but:\n  V");
  }
}
