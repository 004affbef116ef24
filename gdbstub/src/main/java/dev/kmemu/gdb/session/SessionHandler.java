package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.PacketParser;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ReplyFormat;
import dev.kmemu.gdb.wire.AckHandler;
import dev.kmemu.gdb.wire.Frame;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Payload;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection's pipeline: brings frames and stops to the session and its replies back.
 *
 * <p>The machine is taken at the first packet, not at the connect, so that a port scan doesn't stop
 * it, and a debugger that reconnects at once isn't refused because of its own old connection. All
 * replies to one read leave in one flush.
 */
// A failed write reaches exceptionCaught through the void promise.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionHandler extends SimpleChannelInboundHandler<Frame> implements Connection {

  private final FrameLimits limits;
  private final AckHandler acks;
  private final Session session;

  private @Nullable ChannelHandlerContext context;

  /**
   * Creates the handler for one connection.
   *
   * @param acks the acknowledging handler of the same pipeline
   */
  SessionHandler(DebugTarget target, Attachment attachment, FrameLimits limits, AckHandler acks) {
    super(Frame.class);
    this.limits = limits;
    this.acks = acks;
    this.session = new Session(target, attachment, limits, this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext channel, Frame frame) {
    if (frame instanceof Frame.Interrupt) {
      session.interrupt();
    } else if (session.state() != SessionState.CONNECTED || attach(channel)) {
      answer(channel, frame);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext channel) {
    channel.flush();
  }

  /** A debugger that is gone without a word has detached. */
  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    session.end();
    channel.fireChannelInactive();
  }

  /** A connection that broke, or a stub that did: either way this debugger can't go on. */
  @Override
  public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
    channel.close();
  }

  @Override
  public void stopAcknowledging() {
    acks.stop();
  }

  @Override
  public void stopped(int resumes, StopReason reason) {
    ChannelHandlerContext channel = context;
    if (channel == null) {
      return;
    }
    try {
      channel.executor().execute(() -> report(channel, resumes, reason));
    } catch (RejectedExecutionException e) {
      // The server has closed, and with it every connection: nobody is left to tell.
      return;
    }
  }

  private boolean attach(ChannelHandlerContext channel) {
    Optional<String> refusal = session.attach();
    refusal.ifPresent(reason -> refuse(channel, reason));
    return refusal.isEmpty();
  }

  /** Sent as text to any debugger: each shows it, though it didn't ask for texts yet. */
  private void refuse(ChannelHandlerContext channel, String reason) {
    Reply refusal = new Reply.Failure(ErrorCode.BUSY, reason);
    new ReplyFormat(limits, true).write(refusal, payload -> write(channel, payload));
    hangUp(channel);
  }

  private void answer(ChannelHandlerContext channel, Frame frame) {
    Reply reply;
    if (frame instanceof Frame.Packet packet) {
      reply = session.answer(PacketParser.parse(packet.payload()));
    } else {
      String reason =
          "packet longer than PacketSize, 0x" + Integer.toHexString(limits.packetBytes());
      reply = new Reply.Failure(ErrorCode.INVALID, reason + "; split it");
    }
    format().write(reply, payload -> write(channel, payload));
    if (reply instanceof Reply.HangUp) {
      hangUp(channel);
    }
  }

  private void report(ChannelHandlerContext channel, int resumes, StopReason reason) {
    Optional<Reply> reply = session.stopped(resumes, reason);
    if (reply.isEmpty()) {
      return;
    }
    if (reason instanceof StopReason.Crashed crashed) {
      format().writeConsole(crashed.description() + "\n", payload -> write(channel, payload));
    }
    format().write(reply.get(), payload -> write(channel, payload));
    channel.flush();
  }

  private ReplyFormat format() {
    return new ReplyFormat(limits, session.readsErrorText());
  }

  private static void write(ChannelHandlerContext channel, Payload payload) {
    channel.write(new Frame.Packet(payload), channel.voidPromise());
  }

  /** Closes; what was written leaves first, being small enough for the socket to take at once. */
  private static void hangUp(ChannelHandlerContext channel) {
    channel.flush();
    channel.close();
  }
}
