package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * One test for each way in which a mapping changes: the guest warms its translation, the host
 * changes the mapping, the guest accesses again. Each scenario runs once as it is, and once with
 * the flushes of the change dropped, where the old translation must show: so each is known to fail
 * without its flush.
 */
class StaleTlbTest {

  private static final long PAGE = VmArith.PAGE_SIZE;
  private static final int RW = VmProt.READ | VmProt.WRITE;
  private static final long OLD = 0x11;
  private static final long NEW = 0x22;
  private static final String FAULT = "fault";
  private static final long RAM = 32L << 20;

  /** mov rax, [rsi]; out 0x80, al; mov rbx, [rsi]; out 0xF4, al; jmp $ */
  private static final String READ_TWICE = "488b06 e680 488b1e e6f4 ebfe";

  /** mov [rsi], rdx; out 0x80, al; mov [rsi], rdx; out 0xF4, al; jmp $ */
  private static final String WRITE_TWICE = "488916 e680 488916 e6f4 ebfe";

  /** Passes flushes on until it is told to drop them. */
  private static final class DroppingTlb implements TlbControl {
    private final TlbControl real;
    private boolean dropping;

    DroppingTlb(TlbControl real) {
      this.real = real;
    }

    @Override
    public void invalidatePage(VirtualAddress address) {
      if (!dropping) {
        real.invalidatePage(address);
      }
    }

    @Override
    public void invalidateAll() {
      if (!dropping) {
        real.invalidateAll();
      }
    }
  }

  /** A guest in kernel mode with two pages of memory and an address that a hand maps. */
  private static final class Guest implements AutoCloseable {
    private DroppingTlb tlb = new DroppingTlb(TlbControl.none());
    final UserMachine machine =
        UserMachine.boot(
            UnicornLoader.load(),
            RAM,
            real -> {
              tlb = new DroppingTlb(real);
              return tlb;
            });
    final KernelVm vm = machine.vm();
    final long va = vm.kmem().allocNofault(vm.kernelMap(), 2 * PAGE, PAGE).orThrow().value();
    final VmPage first;
    final VmPage second;

    Guest() {
      VmObject object = vm.objects().allocate(ObjectType.DEFAULT, 2);
      vm.tokens().vm().get();
      try {
        first = Objects.requireNonNull(vm.allocator().alloc(object, 0, AllocRequest.NORMAL));
        second = Objects.requireNonNull(vm.allocator().alloc(object, 1, AllocRequest.NORMAL));
      } finally {
        vm.tokens().vm().release();
      }
      vm.ram().store64(first.address(), OLD);
      vm.ram().store64(second.address(), NEW);
      machine.set(Register.RSI, va);
    }

    void enter(VmPage page) {
      vm.pmap().enter(va, page, RW, false);
    }

    /** Runs a task under {@code vm_token}. */
    void locked(Runnable task) {
      vm.tokens().vm().get();
      try {
        task.run();
      } finally {
        vm.tokens().vm().release();
      }
    }

    /** Runs a program that calls the host half-way, and tells what its last access came to. */
    String run(String program, boolean flushes, Runnable change) {
      long code = machine.loadKernelProgram(HexFormat.of().parseHex(program.replace(" ", "")));
      machine.onHostPort(
          () -> {
            tlb.dropping = !flushes;
            change.run();
            tlb.dropping = false;
          });
      GuestEnd end = machine.runKernel(code);
      return end.crash() == null
          ? "0x" + Long.toHexString(machine.get(Register.RBX))
          : end.crash().vector() == 14 ? FAULT : end.reason();
    }

    boolean hasBit(long bit) {
      return (vm.pmap().tables().pte(va) & bit) != 0;
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  /** What is done to a fresh guest, and what comes of it. */
  @FunctionalInterface
  private interface Scenario {
    Object outcome(Guest guest, boolean flushes);
  }

  private static void check(Scenario scenario, Object truth, Object stale) {
    try (Guest guest = new Guest()) {
      assertThat(scenario.outcome(guest, true)).as("with the flush").isEqualTo(truth);
    }
    try (Guest guest = new Guest()) {
      assertThat(scenario.outcome(guest, false)).as("without the flush").isEqualTo(stale);
    }
  }

  @Test
  void aRemovedMappingFaults() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          return guest.run(
              READ_TWICE, flushes, () -> guest.vm.pmap().remove(guest.va, guest.va + PAGE));
        },
        FAULT,
        "0x11");
  }

  @Test
  void aProtectedMappingFaultsOnWrites() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          guest.machine.set(Register.RBX, 0);
          return guest.run(
              WRITE_TWICE,
              flushes,
              () -> guest.vm.pmap().protect(guest.va, guest.va + PAGE, VmProt.READ));
        },
        FAULT,
        "0x0");
  }

  @Test
  void anotherFrameIsSeen() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          return guest.run(READ_TWICE, flushes, () -> guest.enter(guest.second));
        },
        "0x22",
        "0x11");
  }

  @Test
  void aPageThatLosesWriteAccessEverywhereFaultsOnWrites() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          guest.machine.set(Register.RBX, 0);
          return guest.run(
              WRITE_TWICE,
              flushes,
              () ->
                  guest.locked(
                      () -> guest.vm.pmap().mappings().pageProtect(guest.first, VmProt.READ)));
        },
        FAULT,
        "0x0");
  }

  @Test
  void aPageThatLosesAllItsMappingsFaults() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          return guest.run(
              READ_TWICE,
              flushes,
              () ->
                  guest.locked(
                      () -> guest.vm.pmap().mappings().pageProtect(guest.first, VmProt.NONE)));
        },
        FAULT,
        "0x11");
  }

  @Test
  void aKenterOverAKenterIsSeen() {
    check(
        (guest, flushes) -> {
          guest.vm.kernelEnter().kenter(guest.va, guest.first.physAddr());
          return guest.run(
              READ_TWICE,
              flushes,
              () -> guest.vm.kernelEnter().kenter(guest.va, guest.second.physAddr()));
        },
        "0x22",
        "0x11");
  }

  @Test
  void aKremovedMappingFaults() {
    check(
        (guest, flushes) -> {
          guest.vm.kernelEnter().kenter(guest.va, guest.first.physAddr());
          return guest.run(READ_TWICE, flushes, () -> guest.vm.kernelEnter().kremove(guest.va));
        },
        FAULT,
        "0x11");
  }

  @Test
  void aQremovedMappingFaults() {
    check(
        (guest, flushes) -> {
          guest.vm.kernelEnter().qenter(guest.va, List.of(guest.first, guest.second));
          return guest.run(READ_TWICE, flushes, () -> guest.vm.kernelEnter().qremove(guest.va, 2));
        },
        FAULT,
        "0x11");
  }

  @Test
  void aQenterOverAQenterIsSeen() {
    check(
        (guest, flushes) -> {
          guest.vm.kernelEnter().qenter(guest.va, List.of(guest.first));
          return guest.run(
              READ_TWICE,
              flushes,
              () -> guest.vm.kernelEnter().qenter(guest.va, List.of(guest.second)));
        },
        "0x22",
        "0x11");
  }

  @Test
  void aClearedModifiedBitIsSetAgain() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          guest.run(
              WRITE_TWICE,
              flushes,
              () -> {
                assertThat(guest.hasBit(PteBits.M)).as("the first write set M").isTrue();
                guest.locked(() -> guest.vm.pmap().mappings().clearModify(guest.first));
                assertThat(guest.hasBit(PteBits.M)).isFalse();
              });
          return guest.hasBit(PteBits.M);
        },
        true,
        false);
  }

  @Test
  void aClearedAccessedBitIsSetAgain() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          guest.run(
              READ_TWICE,
              flushes,
              () -> guest.locked(() -> guest.vm.pmap().mappings().clearReference(guest.first)));
          return guest.hasBit(PteBits.A);
        },
        true,
        false);
  }

  @Test
  void countingReferencesMakesTheCpuSetThemAgain() {
    check(
        (guest, flushes) -> {
          guest.enter(guest.first);
          guest.run(
              READ_TWICE,
              flushes,
              () ->
                  guest.locked(
                      () -> guest.vm.pmap().mappings().testAndClearReferenced(guest.first)));
          return guest.hasBit(PteBits.A);
        },
        true,
        false);
  }

  @Test
  void aRemovedLargePageFaultsThoughItWasGlobal() {
    check(
        (guest, flushes) -> {
          // A large page takes 512 off the count of what was entered.
          guest.vm.kmem().alloc(guest.vm.kernelMap(), 600 * PAGE).orThrow();
          guest.vm.ram().store64(new PhysicalAddress(PAGE), OLD);
          guest.machine.set(Register.RSI, KvaLayout.KERNBASE + PAGE);
          return guest.run(
              READ_TWICE,
              flushes,
              () ->
                  guest.vm.pmap().remove(KvaLayout.KERNBASE, KvaLayout.KERNBASE + KvaLayout.NBPDR));
        },
        FAULT,
        "0x11");
  }

  @Test
  void aPageThatTheMapOnTheCpuLosesIsFaultedInAnew() {
    check(
        (guest, flushes) -> {
          UserMachine machine = guest.machine;
          UserSpace space = machine.createSpace("user");
          long data = 0x7FFF_0000_0000L;
          machine.loadProgram(
              space, 0x40_0000, HexFormat.of().parseHex(READ_TWICE.replace(" ", "")));
          machine.mapAnonymous(space, data, PAGE, RW);
          space.pmap().enter(data, guest.first, RW, false);
          machine.set(Register.RSI, data);
          machine.onHostPort(
              () -> {
                guest.tlb.dropping = !flushes;
                space.pmap().remove(data, data + PAGE);
                guest.tlb.dropping = false;
              });
          assertThat(machine.runUser(space, 0x40_0000).reason()).isEmpty();
          return machine.get(Register.RBX);
        },
        0L,
        OLD);
  }

  /** An absent translation isn't kept by the CPU, so a new page table needs no flush to drop. */
  @Test
  void aPageBelowANewPageTableIsSeenAtOnce() {
    Scenario growth =
        (guest, flushes) -> {
          long beyond = KvaLayout.KVA_END - (1L << 30);
          guest.machine.set(Register.RSI, beyond);
          // The first read fails, and the kernel goes on behind it.
          long code =
              guest.machine.loadKernelProgram(HexFormat.of().parseHex(READ_TWICE.replace(" ", "")));
          guest.vm.trap().setOnFault(new VirtualAddress(code + 3));
          guest.machine.onHostPort(
              () -> {
                guest.tlb.dropping = !flushes;
                guest.vm.growth().grow(beyond, beyond + PAGE);
                guest.vm.pmap().enter(beyond, guest.second, RW, false);
                guest.vm.trap().setOnFault(null);
              });
          assertThat(guest.machine.runKernel(code).reason()).isEmpty();
          return guest.machine.get(Register.RBX);
        };
    check(growth, NEW, NEW);
  }

  /** Neither is a switch to the same root skipped, nor is a change of an inactive map lost. */
  @Test
  void whatChangedWhileTheMapWasOffTheCpuIsSeenWhenItIsBack() {
    check(
        (guest, loadsCr3) -> {
          UserMachine machine = guest.machine;
          UserSpace space = machine.createSpace("user");
          long data = 0x7FFF_0000_0000L;
          machine.loadProgram(
              space, 0x40_0000, HexFormat.of().parseHex("488b1ee6f4ebfe")); // mov rbx, [rsi]; out
          machine.mapAnonymous(space, data, PAGE, RW);
          space.pmap().enter(data, guest.first, RW, false);
          machine.set(Register.RSI, data);
          machine.runUser(space, 0x40_0000);
          assertThat(machine.get(Register.RBX)).isEqualTo(OLD);

          guest.vm.currentPmap().switchTo(guest.vm.pmap(), cr3 -> {});
          space.pmap().enter(data, guest.second, RW, false);
          if (loadsCr3) {
            machine.switchTo(space.pmap());
          }
          machine.set(Register.RIP, 0x40_0000);
          machine.cpu().run();
          return machine.get(Register.RBX);
        },
        NEW,
        OLD);
  }
}
