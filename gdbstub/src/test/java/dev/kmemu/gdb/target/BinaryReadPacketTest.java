package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Payload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class BinaryReadPacketTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String AT = "ffffffff80000000";

  @Test
  void aDebuggerThatWasToldOfThePacketReadsAPrefix() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("x" + AT + ",2")).isEqualTo("b\u0090\u0090");
    assertThat(gdb.ask("x" + AT + ",0")).isEqualTo("b");
  }

  @Test
  void aDebuggerThatAsksUntoldReadsTheBytesAlone() {
    assertThat(gdb.ask("x" + AT + ",0")).isEqualTo("OK");
    assertThat(gdb.ask("x" + AT + ",2")).isEqualTo("\u0090\u0090");
  }

  @Test
  void everyByteArrivesAsItIs() {
    StringBuilder all = new StringBuilder();
    for (char octet = 0; octet < 0x100; octet++) {
      all.append(octet);
    }
    gdb.exchange(Payload.of("X" + AT + ",100:" + all));
    assertThat(gdb.ask("x" + AT + ",100")).isEqualTo(all.toString());
  }

  @Test
  void whatIsNotReadableIsCutOrAFault() {
    assertThat(gdb.ask("xffffffff80000fff,4")).isEqualTo("\u0090");
    assertThat(gdb.ask("x0,4")).isEqualTo("E0e");
    assertThat(gdb.ask("x0")).isEqualTo("E16");
  }
}
