package dev.kmemu.gdb.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;

/**
 * Writes frames: escapes the four bytes that a reply may not hold bare, shortens runs, appends the
 * checksum.
 */
public final class FrameEncoder extends MessageToByteEncoder<Frame> {

  private static final int ESCAPE_MASK = 0x20;

  /** Creates an encoder for one connection. */
  public FrameEncoder() {
    super(Frame.class);
  }

  @Override
  protected void encode(ChannelHandlerContext context, Frame frame, ByteBuf out) {
    if (frame instanceof Frame.Packet packet) {
      encode(packet.payload(), out);
    } else if (frame instanceof Frame.Ack) {
      out.writeByte('+');
    } else if (frame instanceof Frame.Nack) {
      out.writeByte('-');
    } else {
      throw new IllegalArgumentException("only packets, acks and nacks are sent: " + frame);
    }
  }

  private static void encode(Payload payload, ByteBuf out) {
    out.writeByte('$');
    int start = out.writerIndex();
    for (int i = 0; i < payload.length(); ) {
      int octet = payload.at(i);
      if (isSpecial(octet)) {
        out.writeByte('}').writeByte(octet ^ ESCAPE_MASK);
        i++;
      } else {
        i += encodeRun(octet, repeats(payload, i), out);
      }
    }
    int sum = sum(out, start);
    out.writeByte('#').writeByte(Hex.digit(sum >> 4)).writeByte(Hex.digit(sum));
  }

  private static int encodeRun(int octet, int repeats, ByteBuf out) {
    out.writeByte(octet);
    if (repeats < RunLength.LEAST) {
      return 1;
    }
    int more = RunLength.longest(repeats);
    out.writeByte(RunLength.MARK).writeByte(more + RunLength.BIAS);
    return 1 + more;
  }

  /** Returns how many bytes after {@code index} equal the one there, as far as a run can tell. */
  private static int repeats(Payload payload, int index) {
    int end = Math.min(payload.length(), index + 1 + RunLength.MOST);
    int next = index + 1;
    while (next < end && payload.at(next) == payload.at(index)) {
      next++;
    }
    return next - index - 1;
  }

  private static boolean isSpecial(int octet) {
    return octet == '#' || octet == '$' || octet == '}' || octet == RunLength.MARK;
  }

  private static int sum(ByteBuf out, int start) {
    int sum = 0;
    for (int i = start; i < out.writerIndex(); i++) {
      sum += out.getByte(i);
    }
    return sum & 0xff;
  }
}
