package dev.kmemu.cli;

import dev.kmemu.gdb.server.Endpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;

/** What is said of an endpoint that an option asks for. */
final class Listening {

  private final String option;
  private final Endpoint asked;

  Listening(String option, Endpoint asked) {
    this.option = option;
    this.asked = asked;
  }

  /** Says where {@code what} can be reached, and warns when that isn't this host alone. */
  void announce(String what, Endpoint open, String danger, PrintStream out) {
    if (asked instanceof Endpoint.Tcp tcp && !tcp.address().getAddress().isLoopbackAddress()) {
      System.err.println(
          "kmemu: "
              + option
              + ": "
              + text(asked)
              + " isn't loopback: whoever reaches it "
              + danger);
    }
    out.println(what + ": listening on " + text(open));
    out.flush();
  }

  CommandException refused(IOException e) {
    return CommandException.environment(
        option
            + ": can't listen on "
            + text(asked)
            + ": "
            + reason(e)
            + (asked instanceof Endpoint.Tcp
                ? " (use port 0 for any free one)"
                : " (choose another file, in a folder that you may write to)"),
        e);
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
