package dev.kmemu.testkit.gdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.assembler.Assembler;
import dev.kmemu.testkit.assembler.Label;
import dev.kmemu.testkit.assembler.Program;
import dev.kmemu.testkit.assembler.R64;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.testkit.junit.KmemuTest;
import dev.kmemu.vm.KernelVm;
import org.junit.jupiter.api.Test;

/** The debugger for tests sees and moves the machine. */
@KmemuTest
class GdbTest {

  private static VirtualAddress program(KernelVm vm, Program program) {
    VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    byte[] code = program.bytes();
    vm.ram().write(new PhysicalAddress(vm.pmap().extract(kva.value())), code, 0, code.length);
    return kva;
  }

  @Test
  void itReadsAndWritesMemoryByKernelAddress(KernelVm vm, GuestCpu guest, Gdb gdb) {
    VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    gdb.writeMemory(kva, new byte[] {1, 2, 3});
    assertThat(guest.load(kva).value()).isEqualTo(0x030201);
    assertThat(gdb.readMemory(kva, 4)).containsExactly(1, 2, 3, 0);
    assertThatThrownBy(() -> gdb.readMemory(new VirtualAddress(0x1000), 4))
        .isInstanceOf(GdbException.class)
        .hasMessageStartingWith("the stub refuses m1000,4: E");
  }

  @Test
  void itStopsAtBreakpointsAndSteps(KernelVm vm, Gdb gdb) {
    Assembler code = new Assembler();
    Label middle = code.label("middle");
    Program program = code.mov(R64.RAX, 1).bind(middle).add(R64.RAX, 2).nop().hlt().assemble();
    VirtualAddress start = program(vm, program);
    VirtualAddress stop = start.plus(program.offset(middle));
    gdb.writeRegister(Register.RIP, start.value());
    gdb.setBreakpoint(stop);
    gdb.resume();
    assertThat(gdb.awaitStop()).startsWith("T05");
    assertThat(gdb.readRegisters())
        .containsEntry(Register.RIP, stop.value())
        .containsEntry(Register.RAX, 1L);
    gdb.removeBreakpoint(stop);
    assertThat(gdb.step()).startsWith("T05");
    assertThat(gdb.readRegisters()).containsEntry(Register.RAX, 3L);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> gdb.writeRegister(Register.CR3, 0))
        .withMessageContaining("give a general register");
  }

  @Test
  void itInterruptsAGuestThatRuns(KernelVm vm, Gdb gdb) {
    Assembler code = new Assembler();
    Label forever = code.label("forever");
    VirtualAddress start = program(vm, code.bind(forever).jmp(forever).assemble());
    gdb.writeRegister(Register.RIP, start.value());
    gdb.resume();
    gdb.interrupt();
    assertThat(gdb.awaitStop()).startsWith("T02");
    assertThat(gdb.readRegisters()).containsEntry(Register.RIP, start.value());
  }

  @Test
  void itReachesTheMonitor(KernelVm vm, Gdb gdb) {
    VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
    assertThat(gdb.monitor("walk " + kva)).contains("PTE", "VM: kernel_map entry");
    assertThat(gdb.monitor("walk x"))
        .isEqualTo("walk: 'x' isn't an address: give up to 16 hexadecimal digits\n");
    assertThat(gdb.monitor("vmmap")).contains("wired_count 1");
    assertThat(gdb.monitor("faults")).isEqualTo("   the CPU raised none\n");
    assertThat(gdb.monitor("check")).isEqualTo("all invariants hold\n");
    assertThat(gdb.monitor("?")).startsWith("commands: walk ADDR");
  }

  @Test
  void breakpointsAndTheRunEndWithTheTest(TestMachine machine) {
    Assembler code = new Assembler();
    Label forever = code.label("forever");
    VirtualAddress start = program(machine.vm(), code.nop().bind(forever).jmp(forever).assemble());
    try (Gdb gdb = Gdb.attach(machine.machine().debugTarget())) {
      gdb.writeRegister(Register.RIP, start.value());
      gdb.setBreakpoint(start.plus(100));
      gdb.resume();
    }
    machine.reset();
    VirtualAddress again = program(machine.vm(), new Assembler().hlt().assemble());
    assertThat(again).isEqualTo(start);
    assertThat(machine.guest().load(again).isCompleted()).isTrue();
  }

  @Test
  void aRequestThatTheStubDoesNotKnowIsNamed(Gdb gdb) {
    assertThat(gdb.ask("vUnheardOf")).isEmpty();
    assertThat(gdb.address().getPort()).isPositive();
  }
}
