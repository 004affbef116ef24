package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class InterruptTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void aRunningCpuStopsWithSigint() {
    gdb.exchange("c");
    gdb.interrupt();
    assertThat(gdb.received()).singleElement().asString().startsWith("T02thread:1;");
  }

  @Test
  void breakpointsOfARunningCpuAreRefusedWithTheWayOut() {
    gdb.exchange("qSupported:error-message+");
    gdb.exchange("c");
    for (String packet : new String[] {"Z0,1000,1", "z0,1000,1", "Z1,1000,1", "Z2,1000,1"}) {
      assertThat(gdb.ask(packet)).as(packet).contains("interrupt it first");
    }
  }

  @Test
  void aPausedCpuIsLeftAlone() {
    gdb.ask("?");
    gdb.interrupt();
    assertThat(gdb.received()).isEmpty();
    assertThat(target.calls()).containsExactly("attach");
  }

  @Test
  void anInterruptBeforeTheFirstPacketTouchesNothing() {
    gdb.interrupt();
    assertThat(target.calls()).isEmpty();
  }

  @Test
  void anInterruptOfACpuThatHasJustStoppedAddsNoReply() {
    gdb.exchange("c");
    target.stop(new StopReason.Breakpoint(ToyTarget.RAM));
    gdb.interrupt();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05");
  }

  @Test
  void twoReportsOfOneResumeAreOneReply() {
    gdb.exchange("c");
    target.stop(new StopReason.Breakpoint(ToyTarget.RAM));
    target.tell(new StopReason.Interrupted());
    assertThat(gdb.received()).singleElement().asString().startsWith("T05");
  }

  @Test
  void aReportThatIsLateForItsResumeIsNotTheNextOnesReply() {
    gdb.exchange("c");
    target.stop(new StopReason.Breakpoint(ToyTarget.RAM));
    assertThat(gdb.received()).hasSize(1);
    target.tell(new StopReason.Interrupted());
    gdb.burst("$c#63");
    assertThat(gdb.received()).as("the report is older than the resume").isEmpty();
    assertThat(target.isRunning()).isTrue();
  }

  @Test
  void eachResumeHasItsOwnReply() {
    for (int i = 0; i < 3; i++) {
      gdb.exchange("s");
      target.step();
      assertThat(gdb.received()).hasSize(1);
    }
  }
}
