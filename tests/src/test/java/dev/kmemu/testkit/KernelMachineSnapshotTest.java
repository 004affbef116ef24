package dev.kmemu.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineSnapshot;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.testkit.assembler.Assembler;
import dev.kmemu.testkit.assembler.Label;
import dev.kmemu.testkit.assembler.Mem;
import dev.kmemu.testkit.assembler.R64;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a machine that runs on the page tables of a kernel VM, which serves its faults. */
class KernelMachineSnapshotTest {

  private static final long CODE = 0x10_0000;
  private static final long PAGES = 8;

  /** A machine whose guest writes to pages of a pageable allocation, which faults them in. */
  private static final class Guest implements AutoCloseable {
    final Machine machine = new Machine(UnicornLoader.load(), new RamSize(32 << 20));
    final KernelVm vm;

    Guest() {
      vm =
          new KernelVm(
              machine.ram(), machine.tlb(), KernelVmConfig.of(new PhysicalAddress(2 << 20)));
      machine.setHostKernel(vm.hostKernel());
      machine.addSnapshotPart(vm.snapshots());
      byte[] code = program();
      machine.ram().write(new PhysicalAddress(CODE), code, 0, code.length);
      machine.onCpu(
          cpu -> {
            var registers = cpu.registers();
            registers.write(Register.EFER, 0xD01);
            registers.write(Register.CR4, 0x620);
            registers.write(Register.CR3, vm.pml4().value());
            registers.write(Register.CR0, 0x8005_0033L);
            registers.write(Register.RIP, KERNBASE + CODE);
            registers.write(Register.RDI, start());
            registers.write(Register.RCX, PAGES);
            return cpu;
          });
    }

    private static byte[] program() {
      Assembler code = new Assembler();
      Label loop = code.label("loop");
      return code.bind(loop)
          .mov(Mem.ptr(R64.RDI), R64.RCX)
          .add(R64.RDI, 4096)
          .dec(R64.RCX)
          .jnz(loop)
          .hlt()
          .assemble()
          .bytes();
    }

    private static final long KERNBASE = 0xFFFF_FFFF_8000_0000L;

    /** Makes memory whose pages come with the guest's first access. */
    private long start() {
      var map = vm.kmem().suballoc(vm.kernelMap(), "guest", PAGES * 4096).map();
      return vm.kmem().allocPageable(map, PAGES * 4096).orThrow().value();
    }

    void runToHalt() {
      machine.resume();
      assertThat(machine.outcome().join()).isInstanceOf(GuestOutcome.Halted.class);
    }

    @Override
    public void close() {
      machine.close();
      vm.close();
    }
  }

  @Test
  void theVmGoesBackWithItsMachineAndTheSameRunEndsInTheSameHash() {
    try (Guest guest = new Guest();
        MachineSnapshot snapshot = guest.machine.snapshot()) {
      String before = guest.machine.stateHash();
      guest.runToHalt();
      long allocated = guest.vm.kmem().alloc(guest.vm.kernelMap(), 4096).orThrow().value();
      assertThat(guest.vm.trap().history().recorded()).isEqualTo(PAGES);
      String after = guest.machine.stateHash();
      assertThat(after).isNotEqualTo(before);
      for (int round = 0; round < 2; round++) {
        guest.machine.restore(snapshot);
        assertThat(guest.machine.stateHash()).isEqualTo(before);
        assertThat(guest.vm.check()).isEmpty();
        guest.runToHalt();
        assertThat(guest.vm.kmem().alloc(guest.vm.kernelMap(), 4096).orThrow().value())
            .isEqualTo(allocated);
        assertThat(guest.machine.stateHash()).isEqualTo(after);
        assertThat(guest.vm.check()).isEmpty();
      }
    }
  }

  @Test
  void anotherMachineWithAVmOfItsOwnGoesOnFromAFile(@TempDir Path directory) {
    Path file = directory.resolve("guest.kms");
    try (Guest guest = new Guest();
        Guest other = new Guest()) {
      guest.machine.save(file);
      String saved = guest.machine.stateHash();
      guest.runToHalt();
      other.vm.kmem().alloc(other.vm.kernelMap(), 1 << 20).orThrow();
      other.runToHalt();
      other.machine.load(file);
      assertThat(other.machine.stateHash()).isEqualTo(saved);
      assertThat(other.vm.check()).isEmpty();
      other.runToHalt();
      assertThat(other.machine.stateHash()).isEqualTo(guest.machine.stateHash());
      assertThat(other.vm.check()).isEmpty();
    }
  }

  @Test
  void aMachineWithoutAVmRefusesTheFileOfOneThatHasOne(@TempDir Path directory) {
    Path file = directory.resolve("guest.kms");
    try (Guest guest = new Guest();
        Machine bare = new Machine(UnicornLoader.load(), new RamSize(32 << 20))) {
      guest.machine.save(file);
      String before = bare.stateHash();
      assertThatThrownBy(() -> bare.load(file))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("a state of vm", "attach it before");
      bare.save(file);
      assertThatThrownBy(() -> guest.machine.load(file))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("no state of vm");
      assertThat(bare.stateHash()).isEqualTo(before);
    }
  }
}
