package dev.kmemu.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A client of the GDB remote protocol that does nothing but send packets and wait for replies. It
 * waits awake: how long a sleeping client takes to wake up is none of a stub's business.
 */
public final class PacketClient implements AutoCloseable {

  private static final long TIMEOUT_NANOS = 20_000_000_000L;
  private static final int OCTET = 0xFF;

  /** GDB manual, Overview of the Remote Protocol: a run is a character, '*' and a count. */
  private static final int RUN = '*';

  private static final int RUN_BIAS = 29;

  private static final int LARGEST = 1 << 18;

  private final ByteBuffer buffer = ByteBuffer.allocate(LARGEST).limit(0);
  private final byte[] payload = new byte[LARGEST];
  private final SocketChannel socket;
  private boolean acknowledges = true;

  /** Connects to a stub on this machine and ends acknowledgements. */
  public PacketClient(int port) {
    try {
      socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.configureBlocking(false);
    } catch (IOException e) {
      throw new UncheckedIOException("can't connect to the stub at port " + port, e);
    }
    ask("qSupported:swbreak+;hwbreak+");
    ask("QStartNoAckMode");
    acknowledges = false;
  }

  /** Sends a packet and returns the reply's payload, runs written out. */
  public String ask(String packet) {
    try {
      send(frame(packet));
      return reply();
    } catch (IOException e) {
      throw new UncheckedIOException("the stub doesn't answer " + packet, e);
    }
  }

  /** Sends a packet whose reply must begin with {@code start}. */
  void expect(String packet, String start) {
    String reply = ask(packet);
    if (!reply.startsWith(start)) {
      throw new BenchmarkException("the stub answers '" + reply + "' to " + packet);
    }
  }

  /** Returns the bytes of a packet, with its checksum. */
  static byte[] frame(String packet) {
    int sum = 0;
    for (int i = 0; i < packet.length(); i++) {
      sum += packet.charAt(i);
    }
    String digits = Integer.toHexString(0x100 | (sum & OCTET)).substring(1);
    return ("$" + packet + "#" + digits).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Console output, which may come before a reply, is skipped. */
  private String reply() throws IOException {
    while (true) {
      String payload = payload();
      if (payload.length() < 2 || payload.charAt(0) != 'O' || payload.equals("OK")) {
        return payload;
      }
    }
  }

  private String payload() throws IOException {
    int octet = next();
    while (octet != '$') {
      octet = next();
    }
    int length = 0;
    for (octet = next(); octet != '#'; octet = next()) {
      if (octet == RUN) {
        int more = next() - RUN_BIAS;
        Arrays.fill(payload, length, length + more, payload[length - 1]);
        length += more;
      } else {
        payload[length++] = (byte) octet;
      }
    }
    next();
    next();
    if (acknowledges) {
      send(new byte[] {'+'});
    }
    return new String(payload, 0, length, StandardCharsets.ISO_8859_1);
  }

  private void send(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      socket.write(rest);
    }
  }

  private int next() throws IOException {
    if (!buffer.hasRemaining()) {
      receive();
    }
    return buffer.get();
  }

  @SuppressWarnings("ThreadPriorityCheck") // the stub may need this core
  private void receive() throws IOException {
    buffer.clear();
    long start = System.nanoTime();
    int count = socket.read(buffer);
    while (count == 0) {
      if (System.nanoTime() - start > TIMEOUT_NANOS) {
        throw new IOException("no answer within " + TIMEOUT_NANOS / 1_000_000_000 + " s");
      }
      Thread.yield();
      count = socket.read(buffer);
    }
    buffer.flip();
    if (count < 0) {
      throw new IOException("the stub has closed the connection");
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
