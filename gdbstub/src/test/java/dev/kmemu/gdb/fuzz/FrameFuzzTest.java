package dev.kmemu.gdb.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kmemu.gdb.wire.Frame;
import dev.kmemu.gdb.wire.FrameDecoder;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.RunLength;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

class FrameFuzzTest {

  private static final FrameLimits LIMITS = new FrameLimits(FrameLimits.LEAST_PACKET_BYTES);

  /** Whatever came, the next packet is found, and none is longer than the limit. */
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreFollowedByFrames(byte[] bytes) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(LIMITS, RunLength.OFF));
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    channel.writeInbound(Unpooled.copiedBuffer("##00$g#67", StandardCharsets.ISO_8859_1));
    Frame last = null;
    for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      if (frame instanceof Frame.Packet packet) {
        assertThat(packet.payload().length()).isLessThanOrEqualTo(LIMITS.packetBytes());
      }
      last = frame;
    }
    assertThat(last).hasToString("Packet[payload=g]");
    channel.finishAndReleaseAll();
  }
}
