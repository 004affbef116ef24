package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class NegotiationTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void onlyWhatADebuggerReadsIsAnnouncedToIt() {
    assertThat(gdb.ask("qSupported:multiprocess+;xmlRegisters=i386"))
        .isEqualTo(
            "PacketSize=20000;QStartNoAckMode+;vContSupported+;QThreadEvents+;QNonStop+;"
                + "qXfer:features:read+;qXfer:threads:read+;qXfer:libraries:read+");
    assertThat(gdb.ask("qSupported:swbreak+;hwbreak+;no-resumed+"))
        .endsWith(";swbreak+;hwbreak+;no-resumed+");
    assertThat(gdb.ask("qSupported:error-message+")).endsWith(";binary-upload+");
  }

  @Test
  void whatAMachineCanIsAnnounced() {
    try (ToyDebugger capable = new ToyDebugger(new ToyTarget().withEverything())) {
      assertThat(capable.ask("qSupported"))
          .contains(";qXfer:memory-map:read+;")
          .endsWith(";ConditionalBreakpoints+;BreakpointCommands+;ReverseStep+;ReverseContinue+");
    }
  }

  @Test
  void everyDocumentThatIsAnnouncedCanBeRead() {
    String[] offers = gdb.ask("qSupported").split(";");
    String[] documents =
        Arrays.stream(offers).filter(offer -> offer.startsWith("qXfer:")).toArray(String[]::new);
    assertThat(documents).hasSize(3);
    for (String document : documents) {
      String annex = document.contains("features") ? "target.xml" : "";
      String packet = document.substring(0, document.length() - 1) + ":" + annex + ":0,7fff";
      assertThat(gdb.ask(packet)).startsWith("l<?xml");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vMustReplyEmpty",
        "qOffsets",
        "!",
        "",
        "qXfer:auxv:read::0,fff",
        "qXfer:memory-map:read::0,fff",
        "bs",
        "bc",
        "b",
        "vRun;a",
        "qqemu.PhyMemMode",
        "Qqemu.PhyMemMode:1",
        "qMemoryRegionInfo:0",
        "jX",
        "qSearch:registers:0;1;a",
        "Z2,0,1",
        "Z5,0,1",
        "\u00ff"
      })
  void whatIsNotThereIsAnsweredEmpty(String packet) {
    assertThat(gdb.ask(packet)).isEmpty();
  }

  @Test
  void symbolsAreNotNeeded() {
    assertThat(gdb.ask("qSymbol::")).isEqualTo("OK");
  }

  @Test
  void threadEventsAreSwitchedThoughThereAreNone() {
    assertThat(gdb.ask("QThreadEvents:1")).isEqualTo("OK");
    assertThat(gdb.ask("QThreadEvents:0")).isEqualTo("OK");
    assertThat(gdb.ask("QThreadEvents:2")).isEqualTo("E16");
  }
}
