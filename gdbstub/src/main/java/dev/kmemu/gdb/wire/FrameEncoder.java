package dev.kmemu.gdb.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames: escapes the four bytes that a packet may not hold bare, shortens runs, appends the
 * checksum.
 */
public final class FrameEncoder extends MessageToByteEncoder<Frame> {

  private static final int ESCAPE_MASK = 0x20;
  private static final int FIRST_CAPACITY = 0x400;

  /** The dollar sign, the number sign and the two digits. */
  private static final int FRAMING = 4;

  private static final boolean[] SPECIAL = new boolean[0x100];

  static {
    SPECIAL['#'] = true;
    SPECIAL['$'] = true;
    SPECIAL['}'] = true;
    SPECIAL[RunLength.MARK] = true;
  }

  private final RunLength runLength;

  /** Where a frame is put together, as single bytes are dear to write to a buffer. */
  private byte[] frame = new byte[FIRST_CAPACITY];

  private int length;

  /** What the last frame was sent in. */
  private @Nullable ByteBuf buffer;

  /** Creates an encoder for one connection. */
  public FrameEncoder(RunLength runLength) {
    super(Frame.class);
    this.runLength = runLength;
  }

  @Override
  protected void encode(ChannelHandlerContext context, Frame message, ByteBuf out) {
    if (message instanceof Frame.Packet packet) {
      encode('$', packet.payload());
      out.writeBytes(frame, 0, length);
    } else if (message instanceof Frame.Notification notification) {
      encode('%', notification.payload());
      out.writeBytes(frame, 0, length);
    } else if (message instanceof Frame.Ack) {
      out.writeByte('+');
    } else if (message instanceof Frame.Nack) {
      out.writeByte('-');
    } else {
      throw new IllegalArgumentException(
          "only packets, notifications, acks and nacks are sent: " + message);
    }
  }

  /** A frame has left by the time of the next one, unless the debugger doesn't read. */
  @Override
  protected ByteBuf allocateBuffer(
      ChannelHandlerContext context, Frame message, boolean preferDirect) {
    ByteBuf free = buffer;
    if (free == null || free.refCnt() > 1) {
      releaseBuffer();
      free = context.alloc().ioBuffer(FIRST_CAPACITY);
      buffer = free;
    }
    return free.clear().retain();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    releaseBuffer();
  }

  private void releaseBuffer() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  private void encode(char start, Payload payload) {
    int most = 2 * payload.length() + FRAMING;
    if (frame.length < most) {
      frame = new byte[most];
    }
    frame[0] = (byte) start;
    length = 1;
    byte[] source = payload.array();
    int end = payload.length();
    for (int i = 0; i < end; ) {
      int plain = plain(source, i, end);
      System.arraycopy(source, i, frame, length, plain);
      length += plain;
      i += plain;
      if (i < end) {
        byte octet = source[i];
        if (SPECIAL[octet & 0xff]) {
          put('}');
          put(octet ^ ESCAPE_MASK);
          i++;
        } else {
          i += encodeRun(octet, repeats(source, i, end));
        }
      }
    }
    int sum = PlainBytes.sum(frame, 1, length);
    put('#');
    put(Hex.digit(sum >> 4));
    put(Hex.digit(sum));
  }

  /** Returns how many bytes from {@code from} on stand for themselves and begin no run. */
  private int plain(byte[] source, int from, int end) {
    int at = from;
    while (at < end) {
      at +=
          runLength == RunLength.ON
              ? PlainBytes.countBeforeRun(source, at, end)
              : PlainBytes.count(source, at, end);
      if (at < end) {
        if (SPECIAL[source[at] & 0xff] || beginsRun(source, at, end)) {
          break;
        }
        at++;
      }
    }
    return at - from;
  }

  private boolean beginsRun(byte[] source, int at, int end) {
    return runLength == RunLength.ON
        && at + RunLength.LEAST < end
        && source[at] == source[at + 1]
        && source[at] == source[at + 2]
        && source[at] == source[at + RunLength.LEAST];
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

  private void put(int octet) {
    frame[length++] = (byte) octet;
  }
}
