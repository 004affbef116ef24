package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ReversePacketsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void aStepBackUndoesOneInstruction() {
    step("s");
    step("s");
    assertThat(step("bs")).startsWith("T05thread:1;");
    assertThat(target.get(Register.RAX)).isEqualTo(1);
    assertThat(target.get(Register.RIP)).isEqualTo(ToyTarget.RAM.value() + 1);
  }

  @Test
  void aContinueBackStopsAtTheBreakpointBefore() {
    step("s");
    step("s");
    step("s");
    gdb.ask("qSupported:swbreak+");
    gdb.ask("Z0," + Long.toHexString(ToyTarget.RAM.value() + 1) + ",1");
    assertThat(gdb.exchange("bc")).isEmpty();
    target.step();
    assertThat(gdb.received()).isEmpty();
    target.step();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05swbreak:;");
  }

  @Test
  void theBeginOfHistoryIsTold() {
    assertThat(step("bc")).startsWith("T05replaylog:begin;thread:1;");
    assertThat(gdb.ask("?")).startsWith("T05replaylog:begin;");
  }

  @Test
  void theEndOfHistoryIsTold() {
    gdb.exchange("c");
    target.stop(new StopReason.HistoryEnded());
    assertThat(gdb.received()).singleElement().asString().startsWith("T05replaylog:end;thread:1;");
  }

  @Test
  void aCpuThatRunsBackwardsIsInterrupted() {
    gdb.exchange("bc");
    gdb.interrupt();
    assertThat(gdb.received()).singleElement().asString().startsWith("T02");
  }

  @Test
  void aRunningCpuDoesNotTurnRound() {
    gdb.exchange("c");
    assertThat(gdb.ask("bs")).isEqualTo("E10");
    assertThat(target.calls()).containsExactly("attach", "CONTINUE");
  }

  private String step(String packet) {
    assertThat(gdb.exchange(packet)).isEmpty();
    target.step();
    return gdb.received().get(0);
  }
}
