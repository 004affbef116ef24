package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class LifePacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void theFirstPacketTakesTheMachine() {
    assertThat(target.calls()).isEmpty();
    assertThat(gdb.ask("qC")).isEqualTo("QC1");
    assertThat(target.calls()).containsExactly("attach");
  }

  @Test
  void aHaltedCpuReportsATrap() {
    assertThat(gdb.ask("?")).startsWith("T05thread:1;");
  }

  @Test
  void theMachineWasThereBeforeTheDebugger() {
    assertThat(gdb.ask("qAttached")).isEqualTo("1");
    assertThat(gdb.ask("qAttached:1")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"D", "D;1"})
  void aDetachedMachineRunsOnWithoutBreakpoints(String packet) {
    gdb.ask("Z0,ffffffff80000000,1");
    assertThat(gdb.ask(packet)).isEqualTo("OK");
    assertThat(target.isRunning()).isTrue();
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void aDetachedSessionAnswersNothingButThatItIs() {
    gdb.ask("D");
    assertThat(gdb.ask("g")).isEqualTo("E10");
    target.stop(new StopReason.Interrupted());
    assertThat(gdb.received()).isEmpty();
  }

  @Test
  void theKillPacketHasNoReplyAndEndsTheConnection() {
    assertThat(gdb.exchange("k")).isEmpty();
    assertThat(target.calls()).contains("kill");
    assertThat(gdb.isConnected()).isFalse();
  }

  @Test
  void vKillIsConfirmed() {
    assertThat(gdb.ask("vKill;1")).isEqualTo("OK");
    assertThat(target.calls()).contains("kill");
  }

  @Test
  void aDebuggerThatIsGoneInTheMiddleOfAPacketLeavesTheCpuPaused() {
    gdb.ask("Z0,ffffffff80000000,1");
    gdb.exchangeRaw("$mffff");
    gdb.close();
    assertThat(target.calls()).containsExactly("attach", "disconnect");
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void aDebuggerThatIsGoneWhileTheCpuRunsLeavesItRunning() {
    gdb.exchange("c");
    gdb.close();
    assertThat(target.calls()).contains("disconnect");
    assertThat(target.isRunning()).isTrue();
  }

  @Test
  void aConnectionThatNeverAskedAnythingLeavesTheMachineAlone() {
    gdb.close();
    assertThat(target.calls()).isEqualTo(List.of());
  }

  @Test
  void thereIsNoOtherProcessToAttachTo() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("vAttach;2")).isEqualTo("E.no process 2; the machine is process 1");
  }

  @Test
  void vKillTakesTheProcessThatGdbMakesUp() {
    assertThat(gdb.ask("vKill;a410")).isEqualTo("OK");
  }

  @Test
  void anAttachByNameSaysWhyTheCpuIsPaused() {
    assertThat(gdb.ask("vAttach;1")).startsWith("T05thread:1;");
    assertThat(target.calls()).containsExactly("attach");
  }
}
