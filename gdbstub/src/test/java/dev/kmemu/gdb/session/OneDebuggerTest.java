package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.FrameLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class OneDebuggerTest {

  private final ToyTarget target = new ToyTarget();
  private final SessionPipeline sessions = new SessionPipeline(target, FrameLimits.DEFAULT);

  @Test
  void aSecondDebuggerIsToldWhyAndDisconnected() {
    try (ToyDebugger first = new ToyDebugger(sessions);
        ToyDebugger second = new ToyDebugger(sessions)) {
      first.ask("?");
      assertThat(second.exchange("?"))
          .containsExactly("E.another debugger is connected; detach it first");
      assertThat(second.isConnected()).isFalse();
      assertThat(first.ask("qC")).as("the first one is left alone").isEqualTo("QC1");
    }
  }

  @Test
  void theNextDebuggerIsServedAfterADetach() {
    try (ToyDebugger first = new ToyDebugger(sessions);
        ToyDebugger second = new ToyDebugger(sessions)) {
      first.ask("?");
      first.ask("D");
      assertThat(second.ask("?")).startsWith("T02");
      first.disconnect();
      assertThat(second.ask("qC")).as("the old connection's end is no detach").isEqualTo("QC1");
      assertThat(target.calls()).containsExactly("attach", "detach", "CONTINUE", "attach");
    }
  }

  @Test
  void theNextDebuggerIsServedAfterADisconnect() {
    try (ToyDebugger second = new ToyDebugger(sessions)) {
      String left;
      try (ToyDebugger first = new ToyDebugger(sessions)) {
        left = first.ask("?");
      }
      assertThat(second.ask("?")).as("the stop that the first one left").isEqualTo(left);
    }
  }

  @Test
  void aFirstPacketThatOvertakesTheEndOfTheOldConnectionIsServed() {
    try (ToyDebugger first = new ToyDebugger(sessions);
        ToyDebugger second = new ToyDebugger(sessions)) {
      first.ask("?");
      second.burst("$qC#b4");
      first.disconnect();
      assertThat(second.received()).containsExactly("QC1");
    }
  }

  @Test
  void itIsServedWithoutADelayOnceTheOldConnectionHasEnded() {
    try (ToyDebugger first = new ToyDebugger(sessions);
        ToyDebugger second = new ToyDebugger(sessions)) {
      first.ask("?");
      second.burst("$qC#b4");
      first.disconnect();
      assertThat(second.receivedRaw()).contains("$QC1#c5");
    }
  }

  @Test
  void whoeverStoppedWaitingIsNotWoken() {
    Attachment attachment = new Attachment();
    List<String> woken = new ArrayList<>();
    Runnable impatient = () -> woken.add("impatient");
    attachment.take(this);
    attachment.awaitReturn(impatient);
    attachment.awaitReturn(() -> woken.add("patient"));
    attachment.stopAwaiting(impatient);
    attachment.giveBack(this);
    attachment.giveBack(this);
    assertThat(woken).containsExactly("patient");
  }

  @Test
  void aMachineThatSomeoneElseDebugsIsRefusedWithItsOwnReason() {
    target.attach(reason -> {});
    try (ToyDebugger first = new ToyDebugger(sessions)) {
      assertThat(first.exchange("?")).containsExactly("E.a debugger is attached already");
      target.detach();
    }
    try (ToyDebugger second = new ToyDebugger(sessions)) {
      assertThat(second.ask("?")).startsWith("T02");
    }
  }
}
