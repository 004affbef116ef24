package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class AcknowledgementTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void anAckLeavesWithTheReply() {
    assertThat(gdb.exchangeRaw("$qC#b4")).isEqualTo("+$QC1#c5");
  }

  @Test
  void aResumeIsAcknowledgedBeforeItsStop() {
    assertThat(gdb.exchangeRaw("$c#63")).isEqualTo("+");
  }

  @Test
  void aDamagedPacketIsAskedForAgainAndNotExecuted() {
    assertThat(gdb.exchangeRaw("$c#64")).isEqualTo("-");
    assertThat(target.isRunning()).isFalse();
  }

  @Test
  void theLastReplyIsSentAgainOnRequest() {
    gdb.exchangeRaw("$qC#b4");
    assertThat(gdb.exchangeRaw("-")).isEqualTo("$QC1#c5");
    assertThat(gdb.exchangeRaw("-")).isEqualTo("$QC1#c5");
  }

  @Test
  void nothingIsAcknowledgedAfterBothSidesAgreed() {
    assertThat(gdb.exchangeRaw("$QStartNoAckMode#b0")).isEqualTo("+$OK#9a");
    assertThat(gdb.exchangeRaw("+$qC#b4")).isEqualTo("$QC1#c5");
    assertThat(gdb.exchangeRaw("-")).isEmpty();
  }

  @Test
  void aPacketThatIsTooLongIsAnErrorThatTheSessionSurvives() {
    String body = "0".repeat(0x2_0001);
    assertThat(gdb.exchangeRaw("$" + body + "#30")).isEqualTo("+$E16#ac");
    assertThat(gdb.exchangeRaw("$qC#b4")).isEqualTo("+$QC1#c5");
  }

  @Test
  void packetsThatArriveTogetherAreAnsweredInOrder() {
    gdb.burst("$qC#b4$qAttached#8f$qsThreadInfo#c8");
    assertThat(gdb.received()).containsExactly("QC1", "1", "l");
  }
}
