package dev.kmemu.gdb.session;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection's pipeline: brings frames and stops to the session and its replies back.
 *
 * <p>The machine is taken at the first packet, not at the connect, so that a port scan doesn't stop
 * it. While another session holds it, the packets wait until it is given back, {@link
 * #GRACE_MILLIS} at most: the end of a connection can reach the event loop after the first packet
 * of the one that replaces it. All replies to one read leave in one flush.
 */
// A failed write reaches exceptionCaught through the void promise.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionHandler extends SimpleChannelInboundHandler<Frame> implements Connection {

  private static final long GRACE_MILLIS = 200;
  private static final int CONSOLE_CHARACTERS = 0x1_0000;

  private final FrameLimits limits;
  private final Attachment attachment;
  private final AckHandler acks;
  private final Session session;

  /** What came while another session held the machine. */
  private final List<Frame> waiting = new ArrayList<>();

  private final ConsoleBuffer console = new ConsoleBuffer(CONSOLE_CHARACTERS);

  private @Nullable ChannelHandlerContext context;

  /**
   * Creates the handler for one connection.
   *
   * @param acks the acknowledging handler of the same pipeline
   */
  SessionHandler(DebuggedTarget debugged, AckHandler acks) {
    super(Frame.class);
    this.limits = debugged.limits();
    this.attachment = debugged.attachment();
    this.acks = acks;
    this.session = new Session(debugged, this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext channel, Frame frame) {
    if (frame instanceof Frame.Interrupt) {
      session.interrupt();
    } else if (session.state() != SessionState.CONNECTED) {
      answer(channel, frame);
    } else if (attachment.isTaken()) {
      await(channel, frame);
    } else if (attach(channel)) {
      answer(channel, frame);
    }
  }

  private void await(ChannelHandlerContext channel, Frame frame) {
    if (waiting.isEmpty()) {
      // Not at once: who gives the machine back has its own end to come to first.
      Runnable wake = () -> channel.executor().execute(() -> stopWaiting(channel));
      attachment.awaitReturn(wake);
      channel.executor().schedule(() -> giveUp(channel, wake), GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }
    waiting.add(frame);
    channel.channel().config().setAutoRead(false);
  }

  private void giveUp(ChannelHandlerContext channel, Runnable wake) {
    attachment.stopAwaiting(wake);
    stopWaiting(channel);
  }

  /** Takes the machine, or says who has it. Nothing when that is done. */
  private void stopWaiting(ChannelHandlerContext channel) {
    List<Frame> frames = List.copyOf(waiting);
    waiting.clear();
    if (!frames.isEmpty() && channel.channel().isActive() && attach(channel)) {
      frames.forEach(frame -> answer(channel, frame));
      channel.flush();
      channel.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext channel) {
    channel.flush();
  }

  /** A debugger that is gone without a word may come back to what it left. */
  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    session.abandon();
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

  @Override
  public void print(String text) {
    ChannelHandlerContext channel = context;
    if (channel == null || !console.add(text)) {
      return;
    }
    try {
      channel.executor().execute(() -> printWaiting(channel));
    } catch (RejectedExecutionException e) {
      return;
    }
  }

  /** Text waits while the debugger doesn't take any, so that it isn't piled up here. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext channel) {
    printWaiting(channel);
    channel.fireChannelWritabilityChanged();
  }

  private void printWaiting(ChannelHandlerContext channel) {
    if (session.state() == SessionState.RUNNING
        && session.stopMode().isAllStop()
        && channel.channel().isWritable()) {
      writeWaiting(channel);
      channel.flush();
    }
  }

  private void writeWaiting(ChannelHandlerContext channel) {
    format().writeConsole(console.take(), payload -> write(channel, payload));
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
    if (reply instanceof Reply.Console) {
      writeWaiting(channel);
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
    if (reply.get() instanceof Reply.StopNotification notification) {
      Payload stop = Payload.of("Stop:" + notification.stop().payload());
      channel.writeAndFlush(new Frame.Notification(stop), channel.voidPromise());
      return;
    }
    writeWaiting(channel);
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
