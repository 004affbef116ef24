package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.cpu.CodeTally;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockTallyTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  private static void runLoop(TestMachine machine) {
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void countsTheBytesOfEachBlockThatIsExecuted() {
    machine.code(LoopProgram.CODE);
    CodeTally tally = machine.cpu.tally().orElseThrow();
    runLoop(machine);
    assertThat(tally.executedBytes()).isEqualTo(LoopProgram.BYTES);
    assertThat(machine.cpu.tally()).containsSame(tally);
  }

  @Test
  void countsCodeThatWasTranslatedBeforeItToo() {
    machine.code(LoopProgram.CODE);
    runLoop(machine);
    CodeTally tally = machine.cpu.tally().orElseThrow();
    runLoop(machine);
    assertThat(tally.executedBytes()).isEqualTo(LoopProgram.BYTES);
  }

  @Test
  void leavesRegistersAndFlagsAlone() {
    // stc; jmp .+0; setc al; jmp .+0; hlt
    machine.code("f9 eb00 0f92c0 eb00 f4");
    CodeTally tally = machine.cpu.tally().orElseThrow();
    runLoop(machine);
    assertThat(machine.cpu.registers().read(Register.RAX) & 0xFF).isEqualTo(1);
    assertThat(tally.executedBytes()).isEqualTo(9);
  }

  @Test
  void eachCpuHasItsOwn() {
    try (TestMachine other = new TestMachine()) {
      machine.code(LoopProgram.CODE);
      other.code(LoopProgram.CODE);
      CodeTally tally = machine.cpu.tally().orElseThrow();
      runLoop(other);
      assertThat(tally.executedBytes()).isZero();
      CodeTally another = other.cpu.tally().orElseThrow();
      runLoop(other);
      runLoop(machine);
      runLoop(machine);
      assertThat(another.executedBytes()).isEqualTo(LoopProgram.BYTES);
      assertThat(tally.executedBytes()).isEqualTo(2 * LoopProgram.BYTES);
    }
  }

  @Test
  void aMeterThatComesLaterCountsBesideIt() {
    machine.code(LoopProgram.CODE);
    CodeTally tally = machine.cpu.tally().orElseThrow();
    runLoop(machine);
    CodeMeter meter = machine.cpu.meter();
    runLoop(machine);
    assertThat(meter.executedBytes()).isEqualTo(LoopProgram.BYTES);
    assertThat(tally.executedBytes()).isEqualTo(2 * LoopProgram.BYTES);
    assertThat(machine.cpu.tally()).as("the better of both").containsSame(meter);
  }
}
