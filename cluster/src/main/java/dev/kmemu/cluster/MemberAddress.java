package dev.kmemu.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a member listens.
 *
 * @param host a name or an IPv4 address
 * @param port a TCP port, 1 to 65535
 */
record MemberAddress(String host, int port) {

  private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9.-]+):([0-9]{1,5})");
  private static final int LAST_PORT = 65535;

  /**
   * Reads {@code HOST:PORT,...}.
   *
   * @throws ClusterException naming the part that isn't an address
   */
  static List<MemberAddress> parseAll(String text) {
    return Arrays.stream(text.split(",", -1)).map(MemberAddress::parse).toList();
  }

  private static MemberAddress parse(String text) {
    Matcher parts = TEXT.matcher(text.strip());
    int port = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
    if (port < 1 || port > LAST_PORT) {
      throw new ClusterException(
          "'"
              + text
              + "' is no HOST:PORT with a port of 1 to "
              + LAST_PORT
              + " (write the members' addresses, such as 127.0.0.1:5701,127.0.0.1:5702, or the name"
              + " of a Hazelcast configuration)");
    }
    return new MemberAddress(parts.group(1), port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
