package dev.kmemu.gdb.rehearsal;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Sessions of a debugger that nobody sees, over a socket of the loopback interface: a JVM answers
 * its first thousand packets ten times as slowly as the rest. They are held with a spare machine;
 * the one that a user debugs isn't touched.
 *
 * <p>Threads: any may end it.
 */
public final class Rehearsal {

  /** What gdb 13 sends from its connect to its first prompt. */
  private static final List<String> CONNECT =
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
          "QNonStop:0",
          "qTStatus",
          "?",
          "qXfer:threads:read::0,1000",
          "qAttached",
          "Hc-1",
          "qXfer:memory-map:read::0,1000",
          "m%x,1",
          "m%x,1");

  /** What it sends for a few of a user's commands. */
  private static final List<String> USE =
      List.of(
          "qSymbol::",
          "g",
          "m%x,8",
          "p18",
          "m%x,40",
          "vCont?",
          "vCont;s:1",
          "s",
          "Z0,%x,1",
          "vCont;c",
          "z0,%x,1",
          "X%x,0:");

  private static final int LAST_WITH_ACKS = CONNECT.indexOf("QStartNoAckMode");
  private static final int PATIENCE_MILLIS = 5_000;

  /**
   * A server's end is practised too: where it comes once, with types that the compiled code has
   * never seen, the JVM throws that code away just when a debugger has come.
   */
  private static final int SESSIONS_OF_A_SERVER = 50;

  /**
   * How many sessions of each kind, in this order: what comes first has to be ready first. A
   * session begins and ends only once, so that this is practised most.
   *
   * @param prompts sessions up to gdb's first prompt
   * @param greetings sessions of one packet
   * @param uses sessions with a few of a user's commands
   */
  public record Plan(int prompts, int greetings, int uses) {

    int sessions() {
      return prompts + greetings + uses;
    }

    int packets(int session) {
      if (session < prompts) {
        return CONNECT.size();
      }
      return session < prompts + greetings ? 1 : CONNECT.size() + USE.size();
    }
  }

  private final List<byte[]> packets;
  private final byte[] buffer = new byte[0x8000];

  private volatile boolean ended;

  /**
   * Creates one, which begins when it is asked to.
   *
   * @param loop the virtual address of a loop in which the machine is
   */
  public Rehearsal(long loop) {
    packets = Stream.concat(CONNECT.stream(), USE.stream()).map(p -> frame(p, loop)).toList();
  }

  /**
   * Begins the planned sessions, one after the other, on a daemon thread.
   *
   * @param spare makes a machine, paused in the loop, on that thread; killed at the end
   * @param loop the virtual address of an endless loop in it
   */
  public static Rehearsal begin(Supplier<? extends DebugTarget> spare, long loop, Plan plan) {
    Rehearsal rehearsal = new Rehearsal(loop);
    Thread thread = new Thread(() -> rehearsal.hold(spare.get(), plan), "gdb-rehearsal");
    thread.setDaemon(true);
    // Without a spare machine the first debugger is served a little more slowly, nothing else.
    thread.setUncaughtExceptionHandler((failed, reason) -> rehearsal.end());
    thread.start();
    return rehearsal;
  }

  /** Ends it after the packet at hand: the cores are for the debugger that has come. */
  public void end() {
    ended = true;
  }

  /**
   * Holds sessions on the caller's thread.
   *
   * @param machine paused in the loop; killed at the end
   * @return how many were held to the end: all, where there is a second port to be had and nobody
   *     ends it
   */
  public int hold(DebugTarget machine, Plan plan) {
    int held = 0;
    try {
      while (held < plan.sessions() && !ended) {
        int round = Math.min(SESSIONS_OF_A_SERVER, plan.sessions() - held);
        held += holdAtOneServer(machine, plan, held, round);
      }
      return held;
    } catch (IOException e) {
      // As much practice as there was is what the first debugger has of it.
      return held;
    } finally {
      machine.kill();
    }
  }

  private int holdAtOneServer(DebugTarget machine, Plan plan, int before, int sessions)
      throws IOException {
    int held = 0;
    try (GdbServer server = new GdbServer(machine, Endpoint.loopback(0))) {
      server.start();
      while (held < sessions && !ended) {
        hold(server.address(), plan.packets(before + held));
        held++;
      }
    }
    return held;
  }

  private void hold(InetSocketAddress address, int length) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      for (int i = 0; i < length && !ended; i++) {
        out.write(packets.get(i));
        awaitReply(in);
        if (i <= LAST_WITH_ACKS) {
          out.write('+');
        }
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

  private static byte[] frame(String format, long loop) {
    String packet = format.replace("%x", Long.toHexString(loop));
    int sum = packet.chars().sum();
    return String.format("$%s#%02x", packet, sum & 0xff).getBytes(StandardCharsets.ISO_8859_1);
  }
}
