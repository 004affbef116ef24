package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.wire.AckHandler;
import dev.kmemu.gdb.wire.FrameDecoder;
import dev.kmemu.gdb.wire.FrameEncoder;
import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.RunLength;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;

/** Puts a session behind each new connection, whatever carries it. */
@Sharable
public final class SessionPipeline extends ChannelInitializer<Channel> {

  private final DebuggedTarget debugged;

  /** Creates the pipeline for all connections to {@code target}, which share one event loop. */
  public SessionPipeline(DebugTarget target, FrameLimits limits) {
    this.debugged = DebuggedTarget.of(target, limits);
  }

  /**
   * Lets a machine run that a debugger has left paused, once no other can come. Not for use while
   * there are connections.
   */
  public void letRun() {
    if (debugged.attachment().isAbandoned()) {
      debugged.target().attach(reason -> {});
      debugged.target().detach();
    }
  }

  @Override
  protected void initChannel(Channel channel) {
    addTo(channel.pipeline());
  }

  /** Adds the session's handlers at once, for who puts them into a new connection himself. */
  public void addTo(ChannelPipeline pipeline) {
    AckHandler acks = new AckHandler();
    pipeline
        .addLast(new FrameDecoder(debugged.limits(), RunLength.OFF))
        .addLast(new FrameEncoder(RunLength.ON))
        .addLast(acks)
        .addLast(new SessionHandler(debugged, acks));
  }
}
