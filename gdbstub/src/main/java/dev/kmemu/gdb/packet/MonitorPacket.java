package dev.kmemu.gdb.packet;

import java.nio.charset.StandardCharsets;

/**
 * {@code qRcmd,command}: what the user typed after {@code monitor}.
 *
 * @param line the command, decoded
 */
public record MonitorPacket(String line) implements Packet {

  @Override
  public Reply accept(PacketVisitor visitor) {
    return visitor.monitor(this);
  }

  /** Parses {@code qRcmd}. */
  static Packet parse(PacketReader in) throws MalformedPacketException {
    in.expect(',');
    return new MonitorPacket(new String(in.hexBytes("a command"), StandardCharsets.UTF_8));
  }
}
