package dev.kmemu.cli;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.PrintStream;
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
   * Starts listening and says where, if it was asked for; else nothing is opened.
   *
   * @param quiet whether standard output is for something else, so that people are told on standard
   *     error
   */
  static GdbSession open(DebuggingOptions debugging, Machine machine, boolean quiet) {
    Endpoint address = debugging.address();
    PrintStream out = quiet ? System.err : System.out;
    if (address == null) {
      return new GdbSession(null, machine, out);
    }
    // What monitor reset goes back to; nobody else can.
    machine.setBeginning(machine.snapshot());
    Listening listening = new Listening("--gdb", address);
    GdbServer server = new GdbServer(machine.debugTarget(), address);
    server.setArrival(debugging::endRehearsal);
    try {
      server.start();
    } catch (IOException e) {
      server.close();
      throw listening.refused(e);
    }
    Endpoint open = address instanceof Endpoint.Tcp ? new Endpoint.Tcp(server.address()) : address;
    listening.announce("gdb", open, "controls the guest", out);
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

  /** A debugger that waits for the guest's end hears of it first. */
  @Override
  public void close() {
    if (server != null) {
      machine.awaitReports();
      server.close();
    }
  }
}
