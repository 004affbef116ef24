package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BreakpointsTest {

  private static final VirtualAddress INC_RAX = new VirtualAddress(TestMachine.CODE + 5);

  private final TestMachine machine = new TestMachine();

  @BeforeEach
  void loop() {
    // mov ecx, 3; next: inc rax; inc rbx; dec ecx; jnz next; hlt
    machine.code("b903000000 48ffc0 48ffc3 ffc9 75f6 f4");
    machine.cpu.registers().write(Register.RAX, 0);
    machine.cpu.registers().write(Register.RBX, 0);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void theCpuStopsBeforeTheInstructionEachTimeItIsReached() {
    machine.cpu.addBreakpoint(INC_RAX);
    for (int hit = 0; hit < 3; hit++) {
      assertThat(machine.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
      assertThat(machine.register(Register.RIP)).isEqualTo(INC_RAX.value());
      assertThat(machine.register(Register.RAX)).as("not yet executed").isEqualTo(hit);
      assertThat(machine.register(Register.RBX)).isEqualTo(hit);
    }
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(3);
  }

  @Test
  void itWorksInCodeThatHasRunBefore() {
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    machine.cpu.addBreakpoint(INC_RAX);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
  }

  @Test
  void aRemovedOneIsNotHitAndComesBackWhenItIsAddedAgain() {
    machine.cpu.addBreakpoint(INC_RAX);
    machine.cpu.run();
    machine.cpu.removeBreakpoint(INC_RAX);
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    machine.cpu.addBreakpoint(INC_RAX);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
    machine.cpu.removeBreakpoint(INC_RAX);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(3);
  }

  @Test
  void guestMemoryDoesNotShowIt() {
    machine.cpu.addBreakpoint(INC_RAX);
    machine.cpu.run();
    assertThat(machine.ram.load8(new PhysicalAddress(INC_RAX.value()))).isEqualTo(0x48);
  }

  @Test
  void anInstructionThatFaultsOnItsFirstTryIsPassedOverOnce() {
    machine.code("488906 f4"); // mov [rsi], rax; hlt
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    machine.cpu.setTrapHandler(
        frame -> {
          machine.map(TestMachine.DATA, TestMachine.DATA);
          return TrapAction.RESUME;
        });
    machine.cpu.addBreakpoint(new VirtualAddress(TestMachine.CODE));
    assertThat(machine.cpu.run())
        .as("the run starts at the breakpoint, faults, and starts the instruction again")
        .isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void manyMayComeAndGo() {
    for (int i = 0; i < 2000; i++) {
      VirtualAddress somewhere = new VirtualAddress(TestMachine.CODE + 0x1000 + i);
      machine.cpu.addBreakpoint(somewhere);
      machine.cpu.removeBreakpoint(somewhere);
    }
    machine.cpu.addBreakpoint(INC_RAX);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
  }

  @Test
  void anAddressWithoutAPageDoesNotSpoilTheNextPageFault() {
    machine.code("488906 f4");
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    machine.cpu.addBreakpoint(new VirtualAddress(0xFFFF_FFE0_0000_0000L));
    int[] vector = new int[1];
    machine.cpu.setTrapHandler(
        frame -> {
          vector[0] = frame.vector();
          return TrapAction.END;
        });
    machine.cpu.run();
    assertThat(vector[0]).as("vector").isEqualTo(14);
  }
}
