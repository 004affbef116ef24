package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rest of a basic block runs after a port write that ended the run. */
class TheEndOfARunIsFinalTest {

  private final TestMachine machine = new TestMachine();
  private int traps;

  @BeforeEach
  void portsEndTheRun() {
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            return false;
          }
        });
    machine.cpu.setTrapHandler(
        frame -> {
          traps++;
          return TrapAction.END;
        });
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void anExceptionBehindTheExitIsNotAnsweredUntilTheCpuGoesOn() {
    machine.code("e6f4 0f0b"); // out 0xf4, al; ud2
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(traps).isZero();
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 2);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(traps).as("it came back").isEqualTo(1);
  }

  @Test
  void aPageFaultBehindTheExitComesBackAsAPageFault() {
    machine.code("e6f4 488906 f4"); // out 0xf4, al; mov [rsi], rax; hlt
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(traps).isZero();
    int[] vector = new int[1];
    machine.cpu.setTrapHandler(
        frame -> {
          vector[0] = frame.vector();
          machine.map(TestMachine.DATA, TestMachine.DATA);
          return TrapAction.RESUME;
        });
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(vector[0]).isEqualTo(14);
  }

  @Test
  void aBreakpointBehindTheExitDoesNotHideIt() {
    machine.code("e6f4 90 f4"); // out 0xf4, al; nop; hlt
    machine.cpu.addBreakpoint(new VirtualAddress(TestMachine.CODE + 2));
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
  }

  @Test
  void aStepOverTheExitIsTheExit() {
    machine.code("e6f4 90 f4");
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 2);
    assertThat(machine.register(Register.RFLAGS) & 0x100).as("TF").isZero();
    assertThat(machine.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
  }
}
