package dev.kmemu.testkit.gdb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** Packets over a socket (GDB manual, Overview of the Remote Protocol). One thread at a time. */
final class PacketConnection implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int RUN = '*';
  private static final int RUN_BIAS = 29;
  private static final int OCTET = 0xFF;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean acknowledges = true;

  PacketConnection(InetSocketAddress address) {
    try {
      socket = new Socket();
      socket.connect(address, TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new GdbException("can't connect to the stub at " + address + ": " + e, e);
    }
  }

  void stopAcknowledging() {
    acknowledges = false;
  }

  void send(String payload) {
    int sum = 0;
    for (int i = 0; i < payload.length(); i++) {
      sum += payload.charAt(i);
    }
    String packet = String.format("$%s#%02x", payload, sum & OCTET);
    write(packet.getBytes(StandardCharsets.ISO_8859_1), payload);
  }

  /** Sends Ctrl-C, which is no packet. */
  void interrupt() {
    write(new byte[] {3}, "Ctrl-C");
  }

  private void write(byte[] bytes, String what) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new GdbException("the stub has gone: can't send " + what, e);
    }
  }

  /**
   * Returns the payload of the next packet, runs written out.
   *
   * @param request what it answers, for messages
   */
  String receive(String request) {
    try {
      return payload();
    } catch (SocketTimeoutException e) {
      throw new GdbException(
          "no answer to " + request + " within " + TIMEOUT_MILLIS / 1000 + " s", e);
    } catch (IOException e) {
      throw new GdbException("the stub has gone before it answered " + request, e);
    }
  }

  private String payload() throws IOException {
    int octet = next();
    while (octet != '$') {
      octet = next();
    }
    StringBuilder payload = new StringBuilder();
    for (octet = next(); octet != '#'; octet = next()) {
      if (octet == RUN) {
        String repeated = payload.substring(payload.length() - 1);
        payload.append(repeated.repeat(next() - RUN_BIAS));
      } else {
        payload.append((char) octet);
      }
    }
    int unused = next() + next();
    if (acknowledges) {
      out.write('+');
      out.flush();
    }
    return payload.toString();
  }

  private int next() throws IOException {
    int octet = in.read();
    if (octet < 0) {
      throw new IOException("end of stream");
    }
    return octet;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new GdbException("can't close the connection", e);
    }
  }
}
