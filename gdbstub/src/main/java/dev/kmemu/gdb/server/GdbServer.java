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
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Listens for debuggers on a TCP port or a Unix domain socket and serves them one after the other,
 * on one daemon thread. A second debugger at the same time is told so and disconnected.
 *
 * <p>Threads: start and close from any thread but a debugger's session.
 */
public final class GdbServer implements AutoCloseable {

  private final Endpoint endpoint;
  private final FrameLimits limits;
  private final SessionPipeline sessions;

  private volatile Runnable arrival = () -> {};
  private @Nullable EventLoopGroup loop;
  private @Nullable ChannelGroup connections;
  private @Nullable SocketAddress bound;

  /** Creates a server on a TCP port; nothing happens before {@link #start}. */
  public GdbServer(DebugTarget target, InetSocketAddress bindTo) {
    this(target, new Endpoint.Tcp(bindTo), FrameLimits.DEFAULT);
  }

  /** Creates a server with {@link FrameLimits#DEFAULT}; nothing happens before {@link #start}. */
  public GdbServer(DebugTarget target, Endpoint endpoint) {
    this(target, endpoint, FrameLimits.DEFAULT);
  }

  /** Creates a server; nothing happens before {@link #start}. */
  public GdbServer(DebugTarget target, Endpoint endpoint, FrameLimits limits) {
    this.endpoint = endpoint;
    this.limits = limits;
    this.sessions = new SessionPipeline(target, limits);
  }

  /** Sets what is done on the server's thread at each new connection, before its first packet. */
  public void setArrival(Runnable action) {
    arrival = action;
  }

  /**
   * Begins to listen. When this returns, a debugger can connect.
   *
   * @throws IOException when the endpoint can't be had
   * @throws IllegalStateException when the server listens already
   */
  public synchronized void start() throws IOException {
    if (loop != null) {
      throw new IllegalStateException("the server listens on " + bound + " already");
    }
    if (endpoint instanceof Endpoint.SocketFile file) {
      SocketFiles.makeWay(file.path());
    }
    EventLoopGroup group =
        new PromptEventLoop(
            new DefaultThreadFactory("gdb", true),
            NioIoHandler.newFactory(SelectorProvider.provider(), AlertSelect::new));
    ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture listening = bind(group, channels).awaitUninterruptibly();
    if (!listening.isSuccess()) {
      shutDown(group);
      throw new IOException(
          "can't listen on " + endpoint + " (" + wayOut() + ")", listening.cause());
    }
    channels.add(listening.channel());
    loop = group;
    connections = channels;
    bound = listening.channel().localAddress();
    if (endpoint instanceof Endpoint.SocketFile file) {
      SocketFiles.restrict(file.path());
    }
  }

  /**
   * Returns the TCP address that the server listens on, with the port that it got.
   *
   * @throws IllegalStateException when it listens on none
   */
  public synchronized InetSocketAddress address() {
    if (bound instanceof InetSocketAddress address) {
      return address;
    }
    throw new IllegalStateException("the server doesn't listen on a TCP port; start it on one");
  }

  /**
   * Detaches and disconnects the debugger, if any, and stops listening; a socket's file goes.
   * Harmless when repeated.
   */
  @Override
  public synchronized void close() {
    if (connections != null) {
      connections.close().awaitUninterruptibly();
    }
    if (loop != null) {
      shutDown(loop);
      deleteSocketFile();
      sessions.letRun();
    }
    connections = null;
    loop = null;
    bound = null;
  }

  private void deleteSocketFile() {
    if (endpoint instanceof Endpoint.SocketFile file) {
      try {
        Files.deleteIfExists(file.path());
      } catch (IOException e) {
        // It stays behind, as after a crash, and the next server replaces it.
        return;
      }
    }
  }

  private static void shutDown(EventLoopGroup group) {
    Future<?> ended = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    ended.awaitUninterruptibly();
  }

  private ChannelFuture bind(EventLoopGroup group, ChannelGroup channels) {
    ServerBootstrap bootstrap = bootstrap(group, channels);
    if (endpoint instanceof Endpoint.Tcp tcp) {
      return bootstrap
          .channel(NioServerSocketChannel.class)
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childOption(ChannelOption.SO_SNDBUF, 2 * limits.packetBytes())
          .bind(tcp.address());
    }
    Endpoint.SocketFile file = (Endpoint.SocketFile) endpoint;
    return bootstrap
        .channel(NioServerDomainSocketChannel.class)
        .bind(UnixDomainSocketAddress.of(file.path()));
  }

  private String wayOut() {
    return endpoint instanceof Endpoint.Tcp
        ? "choose another port, or 0 for any free one"
        : "choose another name, in a folder that you may write to";
  }

  /** Buffers aren't pooled: one client needs few, and a pool costs time at the start. */
  private ServerBootstrap bootstrap(EventLoopGroup group, ChannelGroup channels) {
    return new ServerBootstrap()
        .group(group)
        .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                arrival.run();
                channels.add(channel);
                sessions.addTo(channel.pipeline());
              }
            });
  }
}
