package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Hex;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class MonitorPacketTest {

  @Test
  void aLineIsExecutedAndItsAnswerPrinted() {
    ToyTarget target = new ToyTarget().withMonitor(line -> "did " + line + "\n");
    try (ToyDebugger gdb = new ToyDebugger(target)) {
      assertThat(gdb.exchange("qRcmd," + hex("info tlb")))
          .containsExactly("O" + hex("did info tlb\n"), "OK");
    }
  }

  @Test
  void aLongAnswerComesInPiecesThatFitAPacket() {
    String answer = "x".repeat(0x2_0000);
    ToyTarget target = new ToyTarget().withMonitor(line -> answer);
    try (ToyDebugger gdb = new ToyDebugger(target)) {
      List<String> replies = gdb.exchange("qRcmd,");
      assertThat(replies)
          .hasSize(4)
          .allSatisfy(reply -> assertThat(reply).hasSizeLessThan(0x2_0001));
      assertThat(replies.stream().mapToInt(String::length).sum())
          .isEqualTo(3 + 2 * answer.length() + 2);
    }
  }

  @Test
  void aCommandThatFailsIsAnErrorThatTheSessionSurvives() {
    ToyTarget target =
        new ToyTarget()
            .withMonitor(
                line -> {
                  throw new IllegalArgumentException("no such thing: }#");
                });
    try (ToyDebugger gdb = new ToyDebugger(target)) {
      gdb.ask("qSupported:error-message+");
      assertThat(gdb.ask("qRcmd,00")).isEqualTo("E.no such thing: ??");
      assertThat(gdb.ask("qC")).isEqualTo("QC1");
    }
  }

  @Test
  void aMachineWithoutCommandsDoesNotKnowThePacket() {
    try (ToyDebugger gdb = new ToyDebugger(new ToyTarget())) {
      assertThat(gdb.ask("qRcmd," + hex("help"))).isEmpty();
    }
  }

  private static String hex(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Hex.of(bytes, 0, bytes.length);
  }
}
