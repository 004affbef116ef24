package dev.kmemu.gdb.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameRoundTripTest {

  @Property
  void whatIsEncodedIsDecodedHoweverTheStreamIsCut(
      @ForAll("payloads") byte[] bytes, @ForAll @Size(5) List<@IntRange(min = 1) Integer> cuts) {
    Frame.Packet sent = new Frame.Packet(Payload.copyOf(bytes, bytes.length));
    EmbeddedChannel encoder = new EmbeddedChannel(new FrameEncoder(RunLength.ON));
    EmbeddedChannel decoder =
        new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT, RunLength.ON));

    encoder.writeOutbound(sent);
    ByteBuf wire = encoder.readOutbound();
    for (int cut : cuts) {
      if (wire.isReadable()) {
        decoder.writeInbound(wire.readRetainedSlice(1 + cut % wire.readableBytes()));
      }
    }
    decoder.writeInbound(wire);

    Frame received = decoder.readInbound();
    assertThat(received).isEqualTo(sent);
    assertThat(decoder.<Frame>readInbound()).as("nothing else").isNull();
    encoder.finishAndReleaseAll();
    decoder.finishAndReleaseAll();
    LeakPresenceDetector.check();
  }

  @Property
  void noReplyHoldsAFramingByteWhereAFrameMayBeLookedFor(@ForAll("payloads") byte[] bytes) {
    EmbeddedChannel encoder = new EmbeddedChannel(new FrameEncoder(RunLength.ON));
    encoder.writeOutbound(new Frame.Packet(Payload.copyOf(bytes, bytes.length)));
    ByteBuf wire = encoder.readOutbound();

    int bodyEnd = wire.writerIndex() - "#00".length();
    assertThat(wire.indexOf(1, bodyEnd, (byte) '#')).isNegative();
    assertThat(wire.indexOf(1, bodyEnd, (byte) '$')).isNegative();
    assertThat(wire.getByte(bodyEnd)).isEqualTo((byte) '#');
    wire.release();
    encoder.finishAndReleaseAll();
    LeakPresenceDetector.check();
  }

  /** Few different bytes make runs, the special ones among them make trouble. */
  @Provide
  Arbitrary<byte[]> payloads() {
    Arbitrary<Byte> some = Arbitraries.of((byte) '0', (byte) '*', (byte) '}', (byte) '#', (byte) 3);
    Arbitrary<byte[]> runs =
        Arbitraries.of((byte) 0, (byte) '0', (byte) '$', (byte) 'x')
            .flatMap(one -> Arbitraries.just(one).array(byte[].class).ofMaxSize(500));
    return Arbitraries.oneOf(
        runs,
        some.array(byte[].class).ofMaxSize(200),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(600));
  }
}
