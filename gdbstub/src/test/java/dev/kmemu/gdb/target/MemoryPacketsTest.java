package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.session.SessionPipeline;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Payload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class MemoryPacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void memoryIsReadByteByByte() {
    assertThat(gdb.ask("mffffffff80000000,4")).isEqualTo("90909090");
  }

  @Test
  void hexDigitsMayBeInEitherCase() {
    assertThat(gdb.ask("mFFFFFFFF80000000,A")).isEqualTo("90".repeat(10));
  }

  @Test
  void whatIsWrittenInHexIsRead() {
    assertThat(gdb.ask("Mffffffff80000010,2:aBcD")).isEqualTo("OK");
    assertThat(gdb.ask("mffffffff8000000f,4")).isEqualTo("90abcd90");
  }

  @Test
  void whatIsWrittenInBinaryIsReadWhateverTheBytesAre() {
    String all = allBytes();
    assertThat(gdb.exchange(Payload.of("Xffffffff80000000,100:" + all))).containsExactly("OK");
    assertThat(gdb.ask("mffffffff80000000,100")).startsWith("00010203").endsWith("fdfeff");
  }

  @Test
  void aBinaryWriteOfNothingIsHowADebuggerProbes() {
    assertThat(gdb.ask("X0,0:")).isEqualTo("OK");
  }

  @Test
  void aReadThatRunsOffTheRamGivesWhatIsThere() {
    assertThat(gdb.ask("mffffffff80000ffe,10")).isEqualTo("9090");
  }

  @Test
  void aReadOfNothingReadableIsAFault() {
    assertThat(gdb.ask("m0,4")).isEqualTo("E0e");
  }

  @Test
  void aFaultSaysWhyToADebuggerThatReadsTexts() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("m0,4")).isEqualTo("E.can't read 0x0000000000000000: page not present");
  }

  @Test
  void aWriteThatRunsOffTheRamIsAFaultThatNamesTheAddress() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("Mffffffff80000fff,2:0000"))
        .isEqualTo("E.can't write 0xffffffff80001000: page not present");
  }

  @Test
  void aReadBeyondThePacketSizeIsCut() {
    assertThat(gdb.ask("mffffffff80000000,ffffffffffffffff")).hasSize(2 * ToyTarget.RAM_BYTES);
    assertThat(2 * ToyTarget.RAM_BYTES).isLessThan(FrameLimits.DEFAULT.packetBytes());
  }

  @Test
  void aWriteFillsAWholePacketAlthoughAReadOfHexNeedsTwice() {
    ToyTarget target = new ToyTarget();
    FrameLimits limits = new FrameLimits(0x1000);
    try (ToyDebugger small = new ToyDebugger(new SessionPipeline(target, limits))) {
      String data = "w".repeat(0xf00);
      assertThat(small.ask("Xffffffff80000000,f00:" + data)).isEqualTo("OK");
      assertThat(small.ask("mffffffff80000eff,2")).isEqualTo("7790");
    }
  }

  @Test
  void aReadAcrossTheEndOfTheAddressSpaceDoesNotWrap() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("mffffffffffffffff,10"))
        .isEqualTo("E.can't read 0xffffffffffffffff: page not present");
    assertThat(gdb.ask("Mffffffffffffffff,2:0000")).endsWith("don't end below 2^64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m",
        "m,",
        "m0",
        "m0,",
        "m0;4",
        "mxyz,4",
        "m0,4,",
        "m0,0",
        "m11111111111111111,1",
        "M0,2:00",
        "M0,1:0",
        "M0,1:zz",
        "M0,1",
        "X0,2:a",
        "X0,80000000:"
      })
  void aMalformedPacketIsAnErrorThatTheSessionSurvives(String packet) {
    assertThat(gdb.ask(packet)).isEqualTo("E16");
    assertThat(gdb.ask("mffffffff80000000,1")).isEqualTo("90");
  }

  @Test
  void aMalformedPacketIsExplained() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("m10;4")).isEqualTo("E.m: expected ',' at byte 3 of 5");
  }

  private static String allBytes() {
    StringBuilder text = new StringBuilder();
    for (char octet = 0; octet < 0x100; octet++) {
      text.append(octet);
    }
    return text.toString();
  }
}
