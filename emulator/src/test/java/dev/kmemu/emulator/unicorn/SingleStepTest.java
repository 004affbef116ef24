package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SingleStepTest {

  private static final long TRAP_FLAG = 0x100;

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void eachStepExecutesOneInstructionAndLeavesTheTrapFlagClear() {
    machine.code("48ffc0 48ffc3 90 ebf6"); // next: inc rax; inc rbx; nop; jmp next (- padding)
    long[] expected = {3, 6, 7};
    for (long offset : expected) {
      assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
      assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + offset);
      assertThat(machine.register(Register.RFLAGS) & TRAP_FLAG).isZero();
    }
  }

  @Test
  void aResolvedPageFaultIsPartOfTheStep() {
    machine.code("488906 48ffc0 f4"); // mov [rsi], rax; inc rax; hlt
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    int[] faults = new int[1];
    machine.cpu.setTrapHandler(
        frame -> {
          faults[0]++;
          machine.map(TestMachine.DATA, TestMachine.DATA);
          return TrapAction.RESUME;
        });
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(faults[0]).isEqualTo(1);
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 3);
  }

  @Test
  void theHandlerDoesNotSeeTheDebuggersTrapFlag() {
    machine.code("488906 f4");
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    long[] flags = new long[1];
    machine.cpu.setTrapHandler(
        frame -> {
          flags[0] = frame.rflags();
          machine.map(TestMachine.DATA, TestMachine.DATA);
          return TrapAction.RESUME;
        });
    machine.cpu.step();
    assertThat(flags[0] & TRAP_FLAG).isZero();
  }

  @Test
  void steppingOverHltHalts() {
    machine.code("f4");
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 1);
  }

  @Test
  void aRunAfterAStepRunsFreely() {
    machine.code("48ffc0 48ffc0 f4");
    machine.cpu.registers().write(Register.RAX, 0);
    machine.cpu.step();
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(2);
  }
}
