package dev.kmemu.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code [HOST:]PORT}; without a host it is 127.0.0.1. */
final class ListenAddress implements ITypeConverter<InetSocketAddress> {

  private static final String LOOPBACK = "127.0.0.1";
  private static final int MAX_PORT = 65535;

  @Override
  public InetSocketAddress convert(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon <= 0 ? LOOPBACK : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new InetSocketAddress(resolve(host, text), port(text.substring(colon + 1), text));
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
        "'" + text + "' isn't [HOST:]PORT with a port of 0 to " + MAX_PORT);
  }

  private static InetAddress resolve(String host, String text) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new TypeConversionException("'" + text + "' names an unknown host: " + host);
    }
  }
}
