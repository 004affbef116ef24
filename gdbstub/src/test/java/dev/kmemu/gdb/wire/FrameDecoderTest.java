package dev.kmemu.gdb.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.gdb.NoLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FrameDecoderTest {

  private static final FrameLimits SMALL = new FrameLimits(FrameLimits.LEAST_PACKET_BYTES);

  @Test
  void aPacketIsWhatStandsBetweenDollarAndChecksum() {
    assertThat(decode("$g#67")).containsExactly(packet("g"));
  }

  @Test
  void theChecksumMayBeInEitherCase() {
    assertThat(decode("$m0,a#8Afoo")).isEqualTo(decode("$m0,a#8a"));
  }

  @Test
  void aWrongChecksumIsDamage() {
    assertThat(decode("$g#68")).containsExactly(new Frame.Damaged(Payload.of("g")));
  }

  @Test
  void aChecksumWithoutDigitsIsDamage() {
    assertThat(decode("$g#zz")).containsExactly(new Frame.Damaged(Payload.of("g")));
  }

  @Test
  void anEscapedByteIsRestored() {
    assertThat(decode("$}\003#80")).containsExactly(packet("#"));
  }

  @Test
  void theInterruptByteIsOneOutsideAPacketOnly() {
    assertThat(decode("\003$X\003#5b\003"))
        .containsExactly(new Frame.Interrupt(), packet("X\003"), new Frame.Interrupt());
  }

  @Test
  void acksAndNacksAreSeenBetweenPackets() {
    assertThat(decode("+-$#00+"))
        .containsExactly(new Frame.Ack(), new Frame.Nack(), packet(""), new Frame.Ack());
  }

  @Test
  void bytesBetweenPacketsAreSkipped() {
    assertThat(decode("noise$g#67noise")).containsExactly(packet("g"));
  }

  @Test
  void aPacketThatLostItsEndGivesWayToTheNext() {
    assertThat(decode("$m12$g#67")).containsExactly(packet("g"));
  }

  @Test
  void aStarIsLiteralInWhatADebuggerSends() {
    assertThat(decode("$0*\"#7c")).containsExactly(packet("0*\""));
  }

  @Test
  void aPacketOfTheLimitIsTaken() {
    String body = "0".repeat(SMALL.packetBytes());
    assertThat(decode("$" + body + "#00")).containsExactly(packet(body));
  }

  @Test
  void aPacketBeyondTheLimitIsDroppedAndTheNextIsTaken() {
    String body = "0".repeat(SMALL.packetBytes() + 1);
    assertThat(decode("$" + body + "#30$g#67"))
        .containsExactly(new Frame.Oversized(SMALL.packetBytes()), packet("g"));
  }

  @Test
  void aLimitOutOfRangeIsNamedWithItsRange() {
    assertThatThrownBy(() -> new FrameLimits(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("packetBytes is 0x10; choose 0x1000 to 0x1000000");
  }

  private static Frame packet(String body) {
    return new Frame.Packet(Payload.of(body));
  }

  private static List<Frame> decode(String wire) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(SMALL, RunLength.OFF));
    for (byte octet : wire.getBytes(StandardCharsets.ISO_8859_1)) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {octet}));
    }
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      frames.add(frame);
    }
    channel.finishAndReleaseAll();
    return frames;
  }
}
