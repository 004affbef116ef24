package dev.kmemu.cli.terminal;

import dev.kmemu.gdb.server.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A serial line on a socket: one client at a time, and the next one when it has gone. What is
 * transmitted while there is none is kept for the next, the last {@link #KEPT} characters of it; a
 * client that doesn't read holds the guest up, as a line with flow control does.
 */
public final class SerialSocket extends OutputStream {

  /** How many characters wait for a client. */
  public static final int KEPT = 256 << 10;

  private static final int BATCH = 4096;
  private static final long LOOK_MILLIS = 50;
  private static final long FLUSH_MILLIS = 2000;

  private final BlockingQueue<Integer> waiting = new ArrayBlockingQueue<>(KEPT);
  private final ServerSocketChannel server;
  private final Endpoint endpoint;
  private final Thread sender = new Thread(this::send, "serial output");
  private volatile @Nullable SocketChannel client;
  private volatile boolean sending;

  private SerialSocket(ServerSocketChannel server, Endpoint endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  /**
   * Listens.
   *
   * @throws IOException when it can't
   */
  public static SerialSocket listen(Endpoint endpoint) throws IOException {
    SerialSocket socket =
        endpoint instanceof Endpoint.Tcp tcp
            ? listen(tcp)
            : listen(((Endpoint.SocketFile) endpoint).path());
    socket.sender.setDaemon(true);
    socket.sender.start();
    return socket;
  }

  private static SerialSocket listen(Endpoint.Tcp tcp) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(tcp.address());
      return new SerialSocket(
          server, new Endpoint.Tcp((InetSocketAddress) server.getLocalAddress()));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static SerialSocket listen(Path file) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      if (isLeftBehind(address)) {
        Files.delete(file);
      }
      server.bind(address);
      return new SerialSocket(server, new Endpoint.SocketFile(file));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Whether there is a socket that nobody listens on. */
  private static boolean isLeftBehind(UnixDomainSocketAddress address) {
    Path file = address.getPath();
    if (!Files.exists(file) || Files.isRegularFile(file) || Files.isDirectory(file)) {
      return false;
    }
    try (SocketChannel probe = SocketChannel.open(address)) {
      return !probe.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  /** Returns where it listens, with the port that it got. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Returns what clients send, one after the other; it ends when the socket is closed. */
  public InputStream input() {
    return new Input();
  }

  @Override
  public void write(int character) {
    Integer octet = character & 0xFF;
    while (!waiting.offer(octet)) {
      if (client == null) {
        waiting.poll();
      } else {
        waitForSender();
      }
    }
  }

  private static void waitForSender() {
    try {
      TimeUnit.MILLISECONDS.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a client has not taken when it goes is for the next one. */
  private void send() {
    ByteBuffer batch = ByteBuffer.allocate(BATCH).limit(0);
    try {
      while (true) {
        SocketChannel open = awaitClient();
        if (batch.hasRemaining() || fill(batch)) {
          write(open, batch);
        }
        sending = batch.hasRemaining();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes what waits; false when nothing came for a moment. */
  private boolean fill(ByteBuffer batch) throws InterruptedException {
    sending = true;
    Integer first = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    if (first == null) {
      return false;
    }
    batch.clear().put(first.byteValue());
    while (batch.hasRemaining()) {
      Integer next = waiting.poll();
      if (next == null) {
        break;
      }
      batch.put(next.byteValue());
    }
    batch.flip();
    return true;
  }

  private void write(SocketChannel open, ByteBuffer batch) {
    try {
      while (batch.hasRemaining()) {
        open.write(batch);
      }
    } catch (IOException e) {
      hangUp(open);
    }
  }

  private synchronized SocketChannel awaitClient() throws InterruptedException {
    SocketChannel open = client;
    while (open == null) {
      wait();
      open = client;
    }
    return open;
  }

  private synchronized void connected(@Nullable SocketChannel newClient) {
    client = newClient;
    notifyAll();
  }

  private synchronized void hangUp(SocketChannel gone) {
    if (client == gone) {
      client = null;
    }
    try {
      gone.close();
    } catch (IOException e) {
      // It is gone all the same.
    }
  }

  /** Sends what is left to a client that reads it, and stops listening. */
  @Override
  public void close() throws IOException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FLUSH_MILLIS);
    while (client != null && (sending || !waiting.isEmpty()) && System.nanoTime() < until) {
      waitForSender();
    }
    server.close();
    sender.interrupt();
    SocketChannel open = client;
    if (open != null) {
      hangUp(open);
    }
    if (endpoint instanceof Endpoint.SocketFile file) {
      Files.deleteIfExists(file.path());
    }
  }

  private final class Input extends InputStream {

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      while (server.isOpen()) {
        SocketChannel open = client == null ? accept() : client;
        try {
          int count = open == null ? -1 : open.read(ByteBuffer.wrap(target, offset, length));
          if (count >= 0) {
            return count;
          }
        } catch (IOException e) {
          // A client that was killed is one that has gone.
        }
        if (open != null) {
          hangUp(open);
        }
      }
      return -1;
    }

    private SocketChannel accept() throws IOException {
      SocketChannel next = server.accept();
      if (endpoint instanceof Endpoint.Tcp) {
        next.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      connected(next);
      return next;
    }
  }
}
