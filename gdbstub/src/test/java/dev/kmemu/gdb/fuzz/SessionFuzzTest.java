package dev.kmemu.gdb.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Payload;
import java.util.Arrays;
import java.util.List;

class SessionFuzzTest {

  private static final int STEPS = 16;

  /** Payloads, ended by zero bytes, whatever they are: the next one is answered. */
  @FuzzTest(maxDuration = "10m")
  void anyPacketsAreAnsweredOrEndTheSession(byte[] bytes) {
    ToyTarget target = new ToyTarget().withEverything();
    try (ToyDebugger gdb = new ToyDebugger(target)) {
      int start = 0;
      for (int end = 0; end <= bytes.length; end++) {
        if (end == bytes.length || bytes[end] == 0) {
          send(gdb, target, Arrays.copyOfRange(bytes, start, end));
          start = end + 1;
        }
      }
      if (gdb.isConnected()) {
        List<String> replies = gdb.exchange("qC");
        assertThat(replies).isNotEmpty();
        assertThat(replies.get(replies.size() - 1)).isIn("QC1", "E10", "E.detached; connect again");
      }
    }
    assertThat(target.breakpoints()).isEmpty();
    assertThat(target.planted()).isEmpty();
  }

  /** A CPU that was let run is interrupted after a few instructions. */
  private static void send(ToyDebugger gdb, ToyTarget target, byte[] packet) {
    if (!gdb.isConnected()) {
      return;
    }
    gdb.exchangeAtOnce(Payload.copyOf(packet, packet.length));
    for (int i = 0; i < STEPS && target.isRunning(); i++) {
      target.step();
      gdb.settle();
    }
    if (target.isRunning() && gdb.isConnected()) {
      gdb.interrupt();
      gdb.received();
    }
  }
}
