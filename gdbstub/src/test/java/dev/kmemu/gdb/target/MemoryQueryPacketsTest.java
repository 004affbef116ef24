package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Payload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class MemoryQueryPacketsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String AT = "ffffffff80000000";

  @Test
  void theChecksumIsTheProtocolsOwn() {
    gdb.exchange(Payload.of("X" + AT + ",9:123456789"));
    assertThat(gdb.ask("qCRC:" + AT + ",9")).as("CRC-32/MPEG-2's check").isEqualTo("C376e6e7");
    assertThat(gdb.ask("qCRC:" + AT + ",0")).isEqualTo("Cffffffff");
  }

  @Test
  void aPatternIsFoundWhereItIsFirst() {
    gdb.exchange(Payload.of("Xffffffff80000123,2:ab"));
    gdb.exchange(Payload.of("Xffffffff80000200,2:ab"));
    assertThat(gdb.ask("qSearch:memory:" + AT + ";1000;ab")).isEqualTo("1,ffffffff80000123");
    assertThat(gdb.ask("qSearch:memory:" + AT + ";125;ab")).isEqualTo("1,ffffffff80000123");
  }

  @Test
  void aPatternThatIsNotWhollyInsideIsNotFound() {
    gdb.exchange(Payload.of("Xffffffff80000123,2:ab"));
    assertThat(gdb.ask("qSearch:memory:" + AT + ";124;ab")).isEqualTo("0");
    assertThat(gdb.ask("qSearch:memory:" + AT + ";1;ab")).isEqualTo("0");
  }

  @Test
  void aPatternBeforeTheUnreadableIsFoundAndOneBehindItIsAFault() {
    gdb.ask("qSupported:error-message+");
    gdb.exchange(Payload.of("Xffffffff80000ffe,2:ab"));
    assertThat(gdb.ask("qSearch:memory:" + AT + ";2000;ab")).isEqualTo("1,ffffffff80000ffe");
    assertThat(gdb.ask("qSearch:memory:" + AT + ";2000;xy"))
        .isEqualTo("E.can't read 0xffffffff80001000: page not present");
    assertThat(gdb.ask("qCRC:" + AT + ",1001"))
        .isEqualTo("E.can't read 0xffffffff80001000: page not present");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qCRC:0,10000001",
        "qCRC:0,ffffffffffffffff",
        "qCRC:ffffffffffffffff,2",
        "qCRC",
        "qCRC:0",
        "qSearch:memory:0;10000001;a",
        "qSearch:memory:0;1;",
        "qSearch:memory:0;1",
        "qSearch",
        "qMemoryRegionInfo",
        "qMemoryRegionInfo:"
      })
  void whatIsTooMuchOrMalformedIsRefused(String packet) {
    assertThat(gdb.ask(packet)).isIn("E16", "");
    assertThat(gdb.ask("qC")).isEqualTo("QC1");
  }

  @ParameterizedTest
  @CsvSource({
    "ffffffff80000123,start:ffffffff80000000;size:1000;permissions:rwx;",
    "0,start:0;size:ffffffff80000000;",
    "ffffffffffffffff,start:ffffffff80001000;size:7ffff000;"
  })
  void theRangeAroundAnAddressIsDescribed(String address, String reply) {
    assertThat(gdb.ask("qMemoryRegionInfo:" + address)).isEqualTo(reply);
  }
}
