package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Hex;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class ThreadPacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @ParameterizedTest
  @CsvSource({
    "Hg0,OK",
    "Hg1,OK",
    "Hc-1,OK",
    "Hgp1.1,OK",
    "Hg2,E03",
    "Hx1,E16",
    "Hg,E16",
    "T1,OK",
    "T2,E03",
    "T,E16",
    "qC,QC1",
    "qfThreadInfo,m1",
    "qsThreadInfo,l",
    "qThreadExtraInfo;1,E16"
  })
  void theOnlyCpuIsThreadOne(String packet, String reply) {
    assertThat(gdb.ask(packet)).isEqualTo(reply);
  }

  @Test
  void theThreadListNamesTheCpu() {
    assertThat(gdb.ask("qXfer:threads:read::0,1000")).contains("id=\"1\"").contains("cpu0");
  }

  @Test
  void aPersonIsToldWhatTheThreadIsAndDoes() {
    assertThat(gdb.ask("qThreadExtraInfo,1")).isEqualTo(hex("cpu0, halted"));
    gdb.exchange("c");
    assertThat(gdb.ask("qThreadExtraInfo,p1.1")).isEqualTo(hex("cpu0, running"));
    assertThat(gdb.ask("qThreadExtraInfo,2")).isEqualTo("E03");
  }

  private static String hex(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Hex.of(bytes, 0, bytes.length);
  }
}
