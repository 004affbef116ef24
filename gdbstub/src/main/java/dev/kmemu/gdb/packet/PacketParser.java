package dev.kmemu.gdb.packet;

import dev.kmemu.gdb.wire.Payload;
import org.jspecify.annotations.Nullable;

/** Recognizes packets. What isn't in the {@link PacketTable} is answered empty. */
public final class PacketParser {

  /** Reads one packet's body. */
  @FunctionalInterface
  interface Grammar {
    Packet parse(PacketReader in) throws MalformedPacketException;
  }

  private PacketParser() {}

  /** Parses a payload; one that can't be is a packet that says so. */
  public static Packet parse(Payload payload) {
    PacketTable.@Nullable Entry entry = PacketTable.find(payload);
    if (entry == null) {
      return new Packet.Unrecognized();
    }
    try {
      return entry.grammar().parse(new PacketReader(entry.name(), payload));
    } catch (MalformedPacketException e) {
      return new Packet.Malformed(String.valueOf(e.getMessage()));
    }
  }
}
