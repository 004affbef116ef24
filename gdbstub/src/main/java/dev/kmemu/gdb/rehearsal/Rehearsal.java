package dev.kmemu.gdb.rehearsal;

import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Sessions of a debugger that nobody sees, with a machine that isn't there, over a socket of the
 * loopback interface: a JVM answers its first thousand packets ten times as slowly as the rest. The
 * machine that a user debugs isn't touched.
 */
public final class Rehearsal {

  /** What gdb 13 sends from its connect to its first prompt, then a few things that it does. */
  private static final List<String> SESSION =
      List.of(
          "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;"
              + "exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+;"
              + "xmlRegisters=i386",
          "vMustReplyEmpty",
          "QStartNoAckMode",
          "Hg0",
          "qXfer:features:read:target.xml:0,1000",
          "qXfer:features:read:target.xml:1000,1000",
          "qXfer:features:read:target.xml:2000,2000",
          "qTStatus",
          "?",
          "qXfer:threads:read::0,1000",
          "qAttached",
          "Hc-1",
          "qXfer:memory-map:read::0,1000",
          "qSymbol::",
          "g",
          "m1000,8",
          "p18",
          "m1000,40",
          "vCont?",
          "vCont;s:1",
          "Z0,1000,1",
          "vCont;c",
          "z0,1000,1",
          "X1000,4:abcd",
          "D");

  private static final String LAST_WITH_ACKS = "QStartNoAckMode";
  private static final int PATIENCE_MILLIS = 5_000;

  private final byte[] buffer = new byte[0x8000];

  /** Creates one that holds sessions on the thread that asks. */
  Rehearsal() {}

  /** Begins {@code sessions} sessions, one after the other, on a daemon thread. */
  public static void begin(int sessions) {
    Thread thread = new Thread(() -> new Rehearsal().hold(sessions), "gdb-rehearsal");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns how many were held to the end: all, where there is a second port to be had. */
  int hold(int sessions) {
    int held = 0;
    try (GdbServer server = new GdbServer(new EmptyMachine(), Endpoint.loopback(0))) {
      server.start();
      while (held < sessions) {
        hold(server.address());
        held++;
      }
      return held;
    } catch (IOException e) {
      // The first debugger is served a little more slowly, and nothing else is lost.
      return held;
    }
  }

  private void hold(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      boolean acknowledges = true;
      for (String packet : SESSION) {
        socket.getOutputStream().write(frame(packet));
        awaitReply(socket.getInputStream());
        if (acknowledges) {
          socket.getOutputStream().write('+');
        }
        acknowledges &= !packet.equals(LAST_WITH_ACKS);
      }
    }
  }

  /** A reply has one number sign and two digits behind it. */
  private void awaitReply(InputStream in) throws IOException {
    int length = 0;
    while (length < 3 || buffer[length - 3] != '#') {
      int count = in.read(buffer, length, buffer.length - length);
      if (count <= 0) {
        throw new IOException("the rehearsal was cut short");
      }
      length += count;
    }
  }

  private static byte[] frame(String packet) {
    int sum = 0;
    for (int i = 0; i < packet.length(); i++) {
      sum += packet.charAt(i);
    }
    return String.format("$%s#%02x", packet, sum & 0xff).getBytes(StandardCharsets.ISO_8859_1);
  }
}
