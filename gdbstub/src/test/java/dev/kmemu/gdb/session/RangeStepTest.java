package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class RangeStepTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String RANGE = "vCont;r" + at(0) + "," + at(4) + ":1";

  @Test
  void theCpuStepsUntilItIsOutside() {
    gdb.exchange(RANGE);
    stepUntilPaused();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05thread:1;");
    assertThat(target.get(Register.RIP)).isEqualTo(ToyTarget.RAM.value() + 4);
  }

  @Test
  void oneStepIsMadeAlsoFromOutside() {
    gdb.exchange("vCont;r" + at(8) + "," + at(9));
    stepUntilPaused();
    assertThat(target.get(Register.RAX)).isEqualTo(1);
  }

  @Test
  void anEmptyRangeIsOneStep() {
    gdb.exchange("vCont;r" + at(0) + "," + at(0));
    stepUntilPaused();
    assertThat(target.get(Register.RAX)).isEqualTo(1);
  }

  @Test
  void aBreakpointInsideStopsBeforeItsInstruction() {
    gdb.ask("qSupported:swbreak+");
    gdb.ask("Z0," + at(2) + ",1");
    gdb.exchange(RANGE);
    stepUntilPaused();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05swbreak:;");
    assertThat(target.get(Register.RIP)).isEqualTo(ToyTarget.RAM.value() + 2);
  }

  @Test
  void aWatchpointInsideStops() {
    VirtualAddress data = ToyTarget.RAM.plus(0x100);
    target.set(Register.RDI, data.value());
    target.poke(ToyTarget.RAM.plus(1), 0xaa);
    gdb.ask("Z2," + Long.toHexString(data.value()) + ",1");
    gdb.exchange(RANGE);
    stepUntilPaused();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05watch:");
    assertThat(target.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void anInterruptWhileAStepIsMadeStops() {
    gdb.exchange(RANGE);
    gdb.interrupt();
    assertThat(gdb.received()).singleElement().asString().startsWith("T02");
  }

  @Test
  void anInterruptBetweenTwoStepsStops() {
    gdb.exchange("vCont;r0,ffffffffffffffff");
    target.step();
    gdb.interrupt();
    assertThat(gdb.received()).singleElement().asString().startsWith("T02");
    assertThat(target.isRunning()).isFalse();
  }

  @Test
  void theNextResumeKnowsNothingOfTheRange() {
    gdb.exchange(RANGE);
    gdb.interrupt();
    gdb.received();
    gdb.exchange("s");
    target.step();
    assertThat(gdb.received()).hasSize(1);
    assertThat(target.isRunning()).isFalse();
  }

  private void stepUntilPaused() {
    for (int i = 0; i < 10 && target.isRunning(); i++) {
      target.step();
      gdb.settle();
    }
    assertThat(target.isRunning()).isFalse();
  }

  private static String at(int offset) {
    return Long.toHexString(ToyTarget.RAM.value() + offset);
  }
}
