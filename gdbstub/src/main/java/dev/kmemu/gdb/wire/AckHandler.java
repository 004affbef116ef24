package dev.kmemu.gdb.wire;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Acknowledges packets, and sends the last one again when the debugger asks, until {@link #stop}
 * (GDB manual, Packet Acknowledgment). Lets through packets and interrupts only. Writes don't
 * flush: an ack leaves with the reply that follows it.
 */
// A failed write reaches exceptionCaught through the void promise.
@SuppressWarnings("FutureReturnValueIgnored")
public final class AckHandler extends ChannelDuplexHandler {

  private boolean acknowledging = true;
  private Frame.@Nullable Packet last;

  /** Ends acknowledgment, both ways. Only for the channel's event loop. */
  public void stop() {
    acknowledging = false;
    last = null;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Frame.Packet || message instanceof Frame.Oversized) {
      acknowledge(context);
      context.fireChannelRead(message);
    } else if (message instanceof Frame.Damaged damaged) {
      rejectOrTake(context, damaged);
    } else if (message instanceof Frame.Nack) {
      repeatLast(context);
    } else if (message instanceof Frame.Interrupt) {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (acknowledging && message instanceof Frame.Packet packet) {
      last = packet;
    }
    context.write(message, promise);
  }

  private void acknowledge(ChannelHandlerContext context) {
    if (acknowledging) {
      context.write(new Frame.Ack(), context.voidPromise());
    }
  }

  /** Nobody would send the packet again without acknowledgment; TCP has checked it anyway. */
  private void rejectOrTake(ChannelHandlerContext context, Frame.Damaged damaged) {
    if (acknowledging) {
      context.write(new Frame.Nack(), context.voidPromise());
    } else {
      context.fireChannelRead(new Frame.Packet(damaged.payload()));
    }
  }

  private void repeatLast(ChannelHandlerContext context) {
    Frame.Packet packet = last;
    if (acknowledging && packet != null) {
      context.write(packet, context.voidPromise());
    }
  }
}
