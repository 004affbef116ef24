package dev.kmemu.gdb.server;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.session.SessionPipeline;
import dev.kmemu.gdb.wire.FrameLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Listens for debuggers on a TCP port and serves them one after the other, on one daemon thread. A
 * second debugger at the same time is told so and disconnected.
 *
 * <p>Threads: start and close from any thread but a debugger's session.
 */
public final class GdbServer implements AutoCloseable {

  private final DebugTarget target;
  private final InetSocketAddress bindTo;
  private final FrameLimits limits;

  private @Nullable EventLoopGroup loop;
  private @Nullable ChannelGroup connections;
  private @Nullable InetSocketAddress address;

  /** Creates a server with {@link FrameLimits#DEFAULT}; nothing happens before {@link #start}. */
  public GdbServer(DebugTarget target, InetSocketAddress bindTo) {
    this(target, bindTo, FrameLimits.DEFAULT);
  }

  /**
   * Creates a server; nothing happens before {@link #start}.
   *
   * @param bindTo where to listen; port 0 takes any free one
   */
  public GdbServer(DebugTarget target, InetSocketAddress bindTo, FrameLimits limits) {
    this.target = target;
    this.bindTo = bindTo;
    this.limits = limits;
  }

  /**
   * Begins to listen. When this returns, a debugger can connect to {@link #address}.
   *
   * @throws IOException when the address can't be bound
   * @throws IllegalStateException when the server listens already
   */
  public synchronized void start() throws IOException {
    if (loop != null) {
      throw new IllegalStateException("the server listens on " + address + " already");
    }
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("gdb", true), NioIoHandler.newFactory());
    ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture bound = bootstrap(group, channels).bind(bindTo).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      shutDown(group);
      throw new IOException(
          "can't listen on " + bindTo + " (choose another port, or 0 for any free one)",
          bound.cause());
    }
    channels.add(bound.channel());
    loop = group;
    connections = channels;
    address = (InetSocketAddress) bound.channel().localAddress();
  }

  /**
   * Returns where the server listens, with the port that it got.
   *
   * @throws IllegalStateException when it doesn't listen
   */
  public synchronized InetSocketAddress address() {
    InetSocketAddress bound = address;
    if (bound == null) {
      throw new IllegalStateException("the server doesn't listen; start it first");
    }
    return bound;
  }

  /** Detaches and disconnects the debugger, if any, and stops listening. Harmless when repeated. */
  @Override
  public synchronized void close() {
    if (connections != null) {
      connections.close().awaitUninterruptibly();
    }
    if (loop != null) {
      shutDown(loop);
    }
    connections = null;
    loop = null;
    address = null;
  }

  private static void shutDown(EventLoopGroup group) {
    Future<?> ended = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    ended.awaitUninterruptibly();
  }

  /** Buffers aren't pooled: one client needs few, and a pool costs time at the start. */
  private ServerBootstrap bootstrap(EventLoopGroup group, ChannelGroup channels) {
    SessionPipeline sessions = new SessionPipeline(target, limits);
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channels.add(channel);
                channel.pipeline().addLast(sessions);
              }
            });
  }
}
