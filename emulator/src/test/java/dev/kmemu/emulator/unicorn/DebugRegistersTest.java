package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine's own MOV to a debug register throws away the code in which it stands. */
@Timeout(60)
class DebugRegistersTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void aGuestThatSetsAnInstructionBreakpointDoesNotCrashTheHost() {
    // mov rax, 0x100800; mov dr0, rax; mov dr1, rax; mov eax, 0x5; mov dr7, rax; mov dr0, rax;
    // mov rbx, dr7; mov rdx, dr0; hlt
    machine.code("48c7c000081000 0f23c0 0f23c8 b805000000 0f23f8 0f23c0 0f21fb 0f21c2 f4");
    for (int i = 0; i < 100; i++) {
      machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
      assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    }
    assertThat(machine.register(Register.RBX)).as("DR7").isEqualTo(0x405);
    assertThat(machine.register(Register.RDX)).as("DR0").isEqualTo(5);
  }

  @Test
  void debugRegisters4And5AreTheOthersUntilDebugExtensionsAreOn() {
    // mov eax, 0xdfff; mov dr4, rax; mov dr5, rax; mov rbx, dr6; mov rdx, dr7; hlt
    machine.code("b8ffdf0000 0f23e0 0f23e8 0f21f3 0f21fa f4");
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RBX)).as("DR6").isEqualTo(0xFFFF_CFFFL);
    assertThat(machine.register(Register.RDX)).as("DR7").isEqualTo(0x7FF);
  }
}
