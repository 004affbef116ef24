package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AfterAHandlerThrewTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void theSameFaultArrivesAsItselfAndTheRunGoesOn() {
    machine.code("488906 f4"); // mov [rsi], rax; hlt
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    for (int i = 0; i < 3; i++) {
      machine.cpu.setTrapHandler(
          frame -> {
            frame.setRip(0xBAD);
            throw new IllegalStateException("broken handler");
          });
      assertThatThrownBy(machine.cpu::run).hasMessage("broken handler");
      assertThat(machine.register(Register.RIP))
          .as("what a broken handler changed doesn't count")
          .isEqualTo(TestMachine.CODE);
    }
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
  void registersCanBeWrittenAgain() {
    machine.code("0f0b");
    machine.cpu.setTrapHandler(
        frame -> {
          machine.cpu.registers().write(Register.RAX, 1);
          return TrapAction.RESUME;
        });
    assertThatThrownBy(machine.cpu::run)
        .hasMessage("RAX can't be written inside a trap; change the frame instead");
    machine.cpu.registers().write(Register.RAX, 1);
    assertThat(machine.register(Register.RAX)).isEqualTo(1);
  }

  @Test
  void anErrorComesOutAsItself() {
    machine.code("e680 eb00 f4"); // out 0x80, al; jmp next; next: hlt
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            throw new AssertionError("not an exception");
          }
        });
    assertThatThrownBy(machine.cpu::run).isInstanceOf(AssertionError.class);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }
}
