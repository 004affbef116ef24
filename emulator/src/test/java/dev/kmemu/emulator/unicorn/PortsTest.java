package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortsTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void eachWidthReachesTheBusWithPortAndValue() {
    // mov eax, 0x12345678; mov edx, 0x4b0; out dx, eax; out dx, ax; out 0xe9, al; hlt
    machine.code("b878563412 bab0040000 ef 66ef e6e9 f4");
    RecordingPorts ports = new RecordingPorts();
    machine.cpu.setPortBus(ports);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(ports.writes).hasSize(3);
    assertThat(ports.writes.get(0)).isEqualTo("4b0/4=12345678");
    assertThat(ports.writes.get(1)).startsWith("4b0/2=").endsWith("5678");
    assertThat(ports.writes.get(2)).startsWith("e9/1=").endsWith("78");
  }

  @Test
  void aReadGivesWhatTheBusAnswers() {
    machine.code("bab0040000 ed f4"); // mov edx, 0x4b0; in eax, dx; hlt
    machine.cpu.setPortBus(new RecordingPorts());
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(0x4b0);
  }

  @Test
  void withoutABusAReadGivesAllOnes() {
    machine.code("bab0040000 ed f4");
    machine.cpu.run();
    assertThat(machine.register(Register.RAX)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void aWriteThatEndsTheRunEndsItWithTheBasicBlock() {
    machine.code("e6f4 eb00 48ffc0 f4"); // out 0xf4, al; jmp next; next: inc rax; hlt
    machine.cpu.registers().write(Register.RAX, 0);
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            return false;
          }
        });
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 4);
    assertThat(machine.register(Register.RAX)).isZero();
  }

  @Test
  void whatAHandlerThrowsComesOutOfTheRun() {
    machine.code("e6f4 f4");
    machine.cpu.setPortBus(
        new RecordingPorts() {
          @Override
          public boolean write(int port, int size, int value) {
            throw new IllegalStateException("broken device");
          }
        });
    assertThatThrownBy(machine.cpu::run).hasMessage("broken device");
  }

  @Test
  void physicalAddressesBeyondRamReadAsAllOnes() {
    machine.map(TestMachine.DATA, 0x7000_0000L);
    machine.code("488b06 488906 f4"); // mov rax, [rsi]; mov [rsi], rax; hlt
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(-1L);
  }
}
