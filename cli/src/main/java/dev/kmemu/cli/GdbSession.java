package dev.kmemu.cli;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.gdb.rehearsal.Rehearsal;
import dev.kmemu.gdb.server.Endpoint;
import dev.kmemu.gdb.server.GdbServer;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** The GDB stub of a run, if there is one. */
final class GdbSession implements AutoCloseable {

  /** A second of background work, for a first connect that takes a fifth of its time. */
  private static final int REHEARSALS = 200;

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
    Listening listening = new Listening("--gdb", address);
    GdbServer server = new GdbServer(machine.debugTarget(), address);
    try {
      server.start();
    } catch (IOException e) {
      server.close();
      throw listening.refused(e);
    }
    Endpoint open = address instanceof Endpoint.Tcp ? new Endpoint.Tcp(server.address()) : address;
    listening.announce("gdb", open, "controls the guest", out);
    Rehearsal.begin(REHEARSALS);
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
}
