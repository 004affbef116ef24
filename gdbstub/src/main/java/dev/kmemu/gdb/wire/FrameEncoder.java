package dev.kmemu.gdb.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;

/**
 * Writes frames: escapes the four bytes that a packet may not hold bare, shortens runs, appends the
 * checksum.
 */
public final class FrameEncoder extends MessageToByteEncoder<Frame> {

  private static final int ESCAPE_MASK = 0x20;
  private static final int FIRST_CAPACITY = 0x400;

  /** The dollar sign, the number sign and the two digits. */
  private static final int FRAMING = 4;

  private final RunLength runLength;

  /** Where a frame is put together, as single bytes are dear to write to a buffer. */
  private byte[] frame = new byte[FIRST_CAPACITY];

  private int length;

  /** Creates an encoder for one connection. */
  public FrameEncoder(RunLength runLength) {
    super(Frame.class);
    this.runLength = runLength;
  }

  @Override
  protected void encode(ChannelHandlerContext context, Frame message, ByteBuf out) {
    if (message instanceof Frame.Packet packet) {
      encode(packet.payload());
      out.writeBytes(frame, 0, length);
    } else if (message instanceof Frame.Ack) {
      out.writeByte('+');
    } else if (message instanceof Frame.Nack) {
      out.writeByte('-');
    } else {
      throw new IllegalArgumentException("only packets, acks and nacks are sent: " + message);
    }
  }

  private void encode(Payload payload) {
    int most = 2 * payload.length() + FRAMING;
    if (frame.length < most) {
      frame = new byte[most];
    }
    frame[0] = '$';
    length = 1;
    byte[] source = payload.array();
    int end = payload.length();
    boolean shortens = runLength == RunLength.ON;
    for (int i = 0; i < end; ) {
      byte octet = source[i];
      if (isSpecial(octet)) {
        put('}');
        put(octet ^ ESCAPE_MASK);
        i++;
      } else if (shortens
          && i + RunLength.LEAST < end
          && source[i + 1] == octet
          && source[i + 2] == octet
          && source[i + RunLength.LEAST] == octet) {
        i += encodeRun(octet, repeats(source, i, end));
      } else {
        frame[length++] = octet;
        i++;
      }
    }
    int sum = sum();
    put('#');
    put(Hex.digit(sum >> 4));
    put(Hex.digit(sum));
  }

  private int encodeRun(byte octet, int repeats) {
    int more = RunLength.longest(repeats);
    put(octet);
    put(RunLength.MARK);
    put(more + RunLength.BIAS);
    return 1 + more;
  }

  /** Returns how many bytes after {@code index} equal the one there, as far as a run can tell. */
  private static int repeats(byte[] source, int index, int end) {
    int last = Math.min(end, index + 1 + RunLength.MOST);
    int next = index + 1;
    while (next < last && source[next] == source[index]) {
      next++;
    }
    return next - index - 1;
  }

  private static boolean isSpecial(byte octet) {
    return octet == '#' || octet == '$' || octet == '}' || octet == RunLength.MARK;
  }

  private int sum() {
    int sum = 0;
    for (int i = 1; i < length; i++) {
      sum += frame[i];
    }
    return sum & 0xff;
  }

  private void put(int octet) {
    frame[length++] = (byte) octet;
  }
}
