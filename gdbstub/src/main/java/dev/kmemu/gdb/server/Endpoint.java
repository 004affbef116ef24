package dev.kmemu.gdb.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Where a server listens. Whoever can connect there controls the guest. */
public sealed interface Endpoint {

  /**
   * A TCP port; port 0 takes any free one. An address other than loopback is open to the network.
   */
  record Tcp(InetSocketAddress address) implements Endpoint {
    @Override
    public String toString() {
      return address.toString();
    }
  }

  /**
   * A Unix domain socket, which only the user that runs the server can connect to. The file is
   * there while the server listens; one that a dead server left behind is replaced.
   */
  record SocketFile(Path path) implements Endpoint {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** Returns a TCP port that only this host reaches. */
  static Endpoint loopback(int port) {
    return new Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }
}
