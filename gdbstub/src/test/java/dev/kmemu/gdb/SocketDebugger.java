package dev.kmemu.gdb;

import dev.kmemu.gdb.wire.Frame;
import dev.kmemu.gdb.wire.FrameDecoder;
import dev.kmemu.gdb.wire.FrameEncoder;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Payload;
import dev.kmemu.gdb.wire.RunLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A debugger at the other end of a TCP connection, without acknowledgment. */
public final class SocketDebugger implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final EmbeddedChannel encoder = new EmbeddedChannel(new FrameEncoder(RunLength.OFF));
  private final EmbeddedChannel decoder =
      new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT, RunLength.ON));

  /** Connects, and ends acknowledgment. */
  public SocketDebugger(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    ask("QStartNoAckMode");
  }

  /** Sends a packet and returns the reply, Latin-1. */
  public String ask(String packet) throws IOException {
    send(packet);
    return receive();
  }

  /** Sends a packet. */
  public void send(String packet) throws IOException {
    encoder.writeOutbound(new Frame.Packet(Payload.of(packet)));
    ByteBuf bytes = encoder.readOutbound();
    try {
      socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
    } finally {
      bytes.release();
    }
  }

  /** Sends 0x03. */
  public void interrupt() throws IOException {
    socket.getOutputStream().write(3);
  }

  /** Waits for the next packet. */
  public String receive() throws IOException {
    byte[] bytes = new byte[0x1000];
    while (true) {
      for (Frame frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
        if (frame instanceof Frame.Packet packet) {
          return packet.payload().toString();
        }
      }
      int count = socket.getInputStream().read(bytes);
      if (count < 0) {
        throw new IOException("the stub hung up");
      }
      decoder.writeInbound(Unpooled.copiedBuffer(bytes, 0, count));
    }
  }

  @Override
  public void close() throws IOException {
    encoder.finishAndReleaseAll();
    decoder.finishAndReleaseAll();
    socket.close();
  }
}
