package dev.kmemu.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Addresses on the loopback interface that nobody listens on. */
final class FreePorts {

  private static final int FIRST = 20_000;
  private static final int LAST = 30_000;
  private static final String HOST = "127.0.0.1";

  private FreePorts() {}

  /** Returns {@code HOST:PORT,...} with {@code count} ports that follow each other. */
  static String row(int count) {
    for (int first = FIRST + (int) (ProcessHandle.current().pid() % 5000); first < LAST; first++) {
      int start = first;
      if (IntStream.range(start, start + count).allMatch(FreePorts::isFree)) {
        return IntStream.range(start, start + count)
            .mapToObj(port -> HOST + ":" + port)
            .collect(Collectors.joining(","));
      }
    }
    throw new IllegalStateException("no free ports from " + FIRST + " to " + LAST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (java.net.BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
