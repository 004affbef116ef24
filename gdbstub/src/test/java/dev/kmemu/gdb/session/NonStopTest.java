package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class NonStopTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @BeforeEach
  void begin() {
    assertThat(gdb.ask("qSupported")).contains("QNonStop+");
    assertThat(gdb.ask("QNonStop:1")).isEqualTo("OK");
  }

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void aResumeIsAnsweredAtOnceAndItsStopIsANotification() {
    assertThat(gdb.ask("vCont;c:1")).isEqualTo("OK");
    target.stop(new StopReason.Stepped());
    assertThat(gdb.receivedRaw()).startsWith("%Stop:T05thread:1;").doesNotContain("$");
    assertThat(gdb.ask("vStopped")).as("no other stop waits").isEqualTo("OK");
  }

  @Test
  void aRunningCpuHasNoStopToTell() {
    gdb.ask("vCont;c");
    assertThat(gdb.ask("?")).isEqualTo("OK");
    assertThat(gdb.ask("qC")).as("what needs no paused CPU").isEqualTo("QC1");
    assertThat(gdb.ask("g")).isEqualTo("E10");
  }

  @Test
  void aPausedCpuTellsItsStop() {
    assertThat(gdb.ask("?")).startsWith("T05thread:1;");
    assertThat(gdb.ask("vStopped")).isEqualTo("OK");
  }

  @Test
  void theActionThatStopsAThreadIsNoSignal() {
    gdb.ask("vCont;c");
    assertThat(gdb.exchangeRaw("$vCont;t:1#24")).startsWith("+$OK#9a%Stop:T00thread:1;");
    assertThat(gdb.ask("vCont;t:1")).as("it is stopped already").isEqualTo("OK");
  }

  @Test
  void anInterruptIsTheSignal() {
    gdb.ask("vCont;c");
    assertThat(gdb.exchangeRaw("$vCtrlC#4e")).startsWith("+$OK#9a%Stop:T02thread:1;");
  }

  @Test
  void theEndOfTheMachineIsANotification() {
    gdb.ask("vCont;c");
    target.stop(new StopReason.Exited(3));
    assertThat(gdb.receivedRaw()).startsWith("%Stop:W03#");
  }

  @Test
  void theModeCanNotChangeUnderARunningCpu() {
    gdb.ask("vCont;c");
    assertThat(gdb.ask("QNonStop:0")).isEqualTo("E10");
  }

  @Test
  void backInAllStopModeAStopIsAReply() {
    assertThat(gdb.ask("QNonStop:0")).isEqualTo("OK");
    assertThat(gdb.exchange("vCont;c")).isEmpty();
    target.stop(new StopReason.Stepped());
    assertThat(gdb.received()).hasSize(1);
    assertThat(gdb.ask("vStopped")).as("not known in this mode").isEmpty();
  }

  @Test
  void whatIsNoModeIsRefused() {
    assertThat(gdb.ask("QNonStop:2")).startsWith("E");
  }
}
