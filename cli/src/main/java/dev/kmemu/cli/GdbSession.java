package dev.kmemu.cli;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The GDB stub of a run, if there is one. */
final class GdbSession implements AutoCloseable {

  private final @Nullable GdbServer server;
  private final Machine machine;
  private final PrintStream out;

  private GdbSession(@Nullable GdbServer server, Machine machine, PrintStream out) {
    this.server = server;
    this.machine = machine;
    this.out = out;
  }

  /**
   * Starts listening and says where; with a null address nothing is opened.
   *
   * @param quiet whether standard output is for something else, so that people are told on standard
   *     error
   */
  static GdbSession open(@Nullable Endpoint address, Machine machine, boolean quiet) {
    PrintStream out = quiet ? System.err : System.out;
    if (address == null) {
      return new GdbSession(null, machine, out);
    }
    GdbServer server = new GdbServer(machine.debugTarget(), address);
    try {
      server.start();
    } catch (IOException e) {
      server.close();
      throw CommandException.environment(
          "--gdb: can't listen on "
              + text(address)
              + ": "
              + reason(e)
              + (address instanceof Endpoint.Tcp
                  ? " (use port 0 for any free one)"
                  : " (choose another file, in a folder that you may write to)"),
          e);
    }
    if (address instanceof Endpoint.Tcp tcp && !tcp.address().getAddress().isLoopbackAddress()) {
      System.err.println(
          "kmemu: --gdb: "
              + text(address)
              + " isn't loopback: whoever reaches it controls the guest");
    }
    Endpoint open = address instanceof Endpoint.Tcp ? new Endpoint.Tcp(server.address()) : address;
    out.println("gdb: listening on " + text(open));
    out.flush();
    return new GdbSession(server, machine, out);
  }

  boolean isOpen() {
    return server != null;
  }

  void announceStayingUp() {
    out.println();
    out.println("The machine stays up for gdb. Ctrl-C or gdb's kill ends it.");
    out.flush();
  }

  void awaitKill() {
    machine.closed().join();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }

  private static String text(Endpoint endpoint) {
    if (!(endpoint instanceof Endpoint.Tcp tcp)) {
      return endpoint.toString();
    }
    InetSocketAddress address = tcp.address();
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static String reason(IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }
}
