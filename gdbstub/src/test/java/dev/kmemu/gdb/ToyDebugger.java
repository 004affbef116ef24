package dev.kmemu.gdb;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.session.SessionPipeline;
import dev.kmemu.gdb.wire.Frame;
import dev.kmemu.gdb.wire.FrameDecoder;
import dev.kmemu.gdb.wire.FrameEncoder;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Payload;
import dev.kmemu.gdb.wire.RunLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The far end of a session without a network: every byte it sends arrives alone. */
public final class ToyDebugger implements AutoCloseable {

  private final EmbeddedChannel stub;
  private final EmbeddedChannel sender = new EmbeddedChannel(new FrameEncoder(RunLength.OFF));
  private final EmbeddedChannel receiver =
      new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT, RunLength.ON));

  /** Connects to a stub for {@code target} that serves nobody else. */
  public ToyDebugger(DebugTarget target) {
    this(new SessionPipeline(target, FrameLimits.DEFAULT));
  }

  /** Connects to a stub. */
  public ToyDebugger(SessionPipeline sessions) {
    stub = new EmbeddedChannel(sessions);
  }

  /** Sends a packet and returns the payloads that came back. */
  public List<String> exchange(String packet) {
    return exchange(Payload.of(packet));
  }

  /** Sends a packet and returns the payloads that came back. */
  public List<String> exchange(Payload packet) {
    sender.writeOutbound(new Frame.Packet(packet));
    ByteBuf bytes = sender.readOutbound();
    try {
      sendBytes(bytes);
    } finally {
      bytes.release();
    }
    return received();
  }

  /** Sends a packet that arrives in one read and returns the payloads that came back. */
  public List<String> exchangeAtOnce(Payload packet) {
    sender.writeOutbound(new Frame.Packet(packet));
    ByteBuf bytes = sender.readOutbound();
    stub.writeInbound(bytes);
    return received();
  }

  /** Sends a packet and returns the only payload that came back. */
  public String ask(String packet) {
    List<String> replies = exchange(packet);
    if (replies.size() != 1) {
      throw new AssertionError("expected one reply to " + packet + " but got " + replies);
    }
    return replies.get(0);
  }

  /** Sends bytes as they are and returns the bytes that came back. */
  public String exchangeRaw(String bytes) {
    sendBytes(Unpooled.wrappedBuffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    return receivedRaw();
  }

  /** Sends bytes that arrive in one read; what came back is left for {@link #received}. */
  public void burst(String bytes) {
    stub.writeInbound(Unpooled.wrappedBuffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** Sends 0x03. */
  public void interrupt() {
    sendBytes(Unpooled.wrappedBuffer(new byte[] {3}));
  }

  /** Lets the stub do what it has been told of; what it sends is left for {@link #received}. */
  public void settle() {
    stub.runPendingTasks();
  }

  /** Returns the payloads that came since. */
  public List<String> received() {
    stub.advanceTimeBy(1, TimeUnit.SECONDS);
    stub.runPendingTasks();
    List<String> payloads = new ArrayList<>();
    for (ByteBuf bytes = stub.readOutbound(); bytes != null; bytes = stub.readOutbound()) {
      receiver.writeInbound(bytes);
    }
    for (Frame frame = receiver.readInbound(); frame != null; frame = receiver.readInbound()) {
      if (frame instanceof Frame.Packet packet) {
        payloads.add(packet.payload().toString());
      }
    }
    return payloads;
  }

  /** Returns the bytes that came since. */
  public String receivedRaw() {
    stub.runPendingTasks();
    StringBuilder text = new StringBuilder();
    for (ByteBuf bytes = stub.readOutbound(); bytes != null; bytes = stub.readOutbound()) {
      text.append(bytes.toString(StandardCharsets.ISO_8859_1));
      bytes.release();
    }
    return text.toString();
  }

  /** Whether the stub keeps the connection. */
  public boolean isConnected() {
    return stub.isActive();
  }

  @Override
  public void close() {
    disconnect();
  }

  /** Breaks the connection. Harmless when repeated. */
  public void disconnect() {
    for (EmbeddedChannel channel : List.of(stub, sender, receiver)) {
      channel.finishAndReleaseAll();
    }
  }

  private void sendBytes(ByteBuf bytes) {
    while (bytes.isReadable() && stub.isActive()) {
      stub.writeInbound(bytes.readRetainedSlice(1));
    }
  }
}
