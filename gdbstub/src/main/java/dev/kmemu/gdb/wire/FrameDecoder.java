package dev.kmemu.gdb.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds frames in a byte stream that may be cut anywhere. Whatever stands between two frames is
 * skipped. A bare {@code $} inside a packet means that its end was lost: a new one begins.
 */
public final class FrameDecoder extends ByteToMessageDecoder {

  private enum State {
    IDLE,
    DATA,
    ESCAPE,
    RUN,
    OVERSIZED,
    CHECKSUM_HIGH,
    CHECKSUM_LOW
  }

  private static final int INTERRUPT = 0x03;
  private static final int ESCAPE_MASK = 0x20;
  private static final int FIRST_CAPACITY = 0x400;
  private static final int CHUNK = 0x1000;

  private final FrameLimits limits;
  private final RunLength runLength;

  /** Where bytes are looked at, as single ones are dear to read from a buffer. */
  private final byte[] chunk = new byte[CHUNK];

  private State state = State.IDLE;
  private byte[] data = new byte[FIRST_CAPACITY];
  private int length;
  private int received;
  private int sum;
  private int announced;
  private boolean digitsAreHex;
  private boolean oversized;
  private boolean notification;

  /** Creates a decoder for one connection. */
  public FrameDecoder(FrameLimits limits, RunLength runLength) {
    this.limits = limits;
    this.runLength = runLength;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    while (in.isReadable()) {
      int count = Math.min(in.readableBytes(), chunk.length);
      in.getBytes(in.readerIndex(), chunk, 0, count);
      for (int i = 0; i < count; i++) {
        i += state == State.DATA ? acceptPlain(i, count) : 0;
        Frame frame = i < count ? accept(chunk[i] & 0xff) : null;
        if (frame != null) {
          in.skipBytes(i + 1);
          out.add(frame);
          return;
        }
      }
      in.skipBytes(count);
    }
  }

  private @Nullable Frame accept(int octet) {
    switch (state) {
      case IDLE -> {
        return acceptOutside(octet);
      }
      case DATA -> acceptData(octet);
      case ESCAPE -> {
        count(octet);
        append(octet ^ ESCAPE_MASK);
        state = oversized ? State.OVERSIZED : State.DATA;
      }
      case RUN -> {
        count(octet);
        repeat(octet - RunLength.BIAS);
        state = oversized ? State.OVERSIZED : State.DATA;
      }
      case OVERSIZED -> acceptOversized(octet);
      case CHECKSUM_HIGH -> {
        announced = Hex.value(octet) << 4;
        digitsAreHex = Hex.value(octet) >= 0;
        state = State.CHECKSUM_LOW;
      }
      case CHECKSUM_LOW -> {
        announced |= Hex.value(octet);
        digitsAreHex &= Hex.value(octet) >= 0;
        state = State.IDLE;
        return finish();
      }
    }
    return null;
  }

  /** Takes the bytes from {@code from} on that stand for themselves, and returns their number. */
  private int acceptPlain(int from, int end) {
    int most = Math.min(end, from + limits.packetBytes() - received);
    int plain = PlainBytes.count(chunk, from, most);
    if (data.length < length + plain) {
      data = Arrays.copyOf(data, Math.max(2 * data.length, length + plain));
    }
    System.arraycopy(chunk, from, data, length, plain);
    length += plain;
    received += plain;
    sum += PlainBytes.sum(chunk, from, from + plain);
    return plain;
  }

  private @Nullable Frame acceptOutside(int octet) {
    if (octet == '$') {
      begin();
    } else if (octet == '%' && runLength == RunLength.ON) {
      begin();
      notification = true;
    }
    return switch (octet) {
      case '+' -> new Frame.Ack();
      case '-' -> new Frame.Nack();
      case INTERRUPT -> new Frame.Interrupt();
      default -> null;
    };
  }

  private void acceptOversized(int octet) {
    if (octet == '$') {
      begin();
    } else if (octet == '#') {
      state = State.CHECKSUM_HIGH;
    }
  }

  private void acceptData(int octet) {
    if (octet == '#') {
      state = State.CHECKSUM_HIGH;
      return;
    }
    if (octet == '$') {
      begin();
      return;
    }
    count(octet);
    if (octet == '}') {
      state = State.ESCAPE;
    } else if (octet == RunLength.MARK && runLength == RunLength.ON && length > 0) {
      state = State.RUN;
    } else {
      append(octet);
    }
    if (oversized) {
      state = State.OVERSIZED;
    }
  }

  private void begin() {
    state = State.DATA;
    length = 0;
    received = 0;
    sum = 0;
    oversized = false;
    notification = false;
  }

  private void count(int octet) {
    sum += octet;
    received++;
    oversized |= received > limits.packetBytes();
  }

  private void append(int octet) {
    if (oversized) {
      return;
    }
    if (length == data.length) {
      data = Arrays.copyOf(data, 2 * length);
    }
    data[length++] = (byte) octet;
  }

  /** A run isn't held to the limit: it only occurs in replies, which the stub has bounded. */
  private void repeat(int more) {
    int last = data[length - 1];
    for (int i = 0; i < more; i++) {
      append(last);
    }
  }

  private Frame finish() {
    if (oversized) {
      return new Frame.Oversized(limits.packetBytes());
    }
    Payload payload = Payload.copyOf(data, length);
    boolean intact = digitsAreHex && announced == (sum & 0xff);
    if (intact && notification) {
      return new Frame.Notification(payload);
    }
    return intact ? new Frame.Packet(payload) : new Frame.Damaged(payload);
  }
}
