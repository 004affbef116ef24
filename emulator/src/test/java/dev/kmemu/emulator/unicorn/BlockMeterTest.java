package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BlockMeterTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  private CpuExit runLoop() {
    machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
    CpuExit exit;
    do {
      exit = machine.cpu.continueRun();
    } while (exit == CpuExit.Stopped.INSTANCE);
    return exit;
  }

  @Test
  void countsTheBytesOfEachBlockThatIsExecuted() {
    machine.code(LoopProgram.CODE);
    CodeMeter meter = machine.cpu.meter();
    assertThat(runLoop()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(meter.executedBytes()).isEqualTo(LoopProgram.BYTES);
    assertThat(machine.cpu.meter()).isSameAs(meter);
  }

  @Test
  void countsCodeThatWasTranslatedBeforeItToo() {
    machine.code(LoopProgram.CODE);
    assertThat(runLoop()).isEqualTo(CpuExit.Halted.INSTANCE);
    CodeMeter meter = machine.cpu.meter();
    assertThat(runLoop()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(meter.executedBytes()).isEqualTo(LoopProgram.BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "flush", "look"})
  void whatOtherThreadsWantCountsNoBlockTwice(String wish) throws InterruptedException {
    machine.code(LoopProgram.CODE);
    CodeMeter meter = machine.cpu.meter();
    AtomicBoolean ended = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              while (!ended.get()) {
                switch (wish) {
                  case "stop" -> machine.cpu.requestStop();
                  case "flush" -> machine.cpu.tlb().invalidateAll();
                  default -> machine.cpu.interruptsChanged();
                }
              }
            });
    other.start();
    for (int i = 1; i <= 100; i++) {
      assertThat(runLoop()).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(meter.executedBytes()).isEqualTo(i * LoopProgram.BYTES);
    }
    ended.set(true);
    other.join();
  }
}
