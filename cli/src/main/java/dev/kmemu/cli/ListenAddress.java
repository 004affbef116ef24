package dev.kmemu.cli;

import dev.kmemu.gdb.server.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code [HOST:]PORT}, where the host is 127.0.0.1 by default, and {@code unix:FILE}. */
final class ListenAddress implements ITypeConverter<Endpoint> {

  /** What a Unix domain socket's file follows. */
  static final String SOCKET = "unix:";

  private static final String LOOPBACK = "127.0.0.1";
  private static final int MAX_PORT = 65535;

  @Override
  public Endpoint convert(String text) {
    if (text.startsWith(SOCKET)) {
      return socket(text.substring(SOCKET.length()));
    }
    int colon = text.lastIndexOf(':');
    String host = colon <= 0 ? LOOPBACK : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new Endpoint.Tcp(
        new InetSocketAddress(resolve(host, text), port(text.substring(colon + 1), text)));
  }

  private static Endpoint socket(String file) {
    if (file.isEmpty()) {
      throw new TypeConversionException("'unix:' names no file (write unix:FILE)");
    }
    try {
      return new Endpoint.SocketFile(Path.of(file));
    } catch (InvalidPathException e) {
      throw new TypeConversionException("'" + file + "' isn't a file's name: " + e.getReason());
    }
  }

  private static int port(String number, String text) {
    try {
      int port = Integer.parseInt(number);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with a number out of range.
    }
    throw new TypeConversionException(
        "'" + text + "' isn't [HOST:]PORT with a port of 0 to " + MAX_PORT + ", or unix:FILE");
  }

  private static InetAddress resolve(String host, String text) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new TypeConversionException("'" + text + "' names an unknown host: " + host);
    }
  }
}
