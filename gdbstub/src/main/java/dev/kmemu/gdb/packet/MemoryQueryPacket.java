package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.wire.Payload;

/** Packets that ask about memory without fetching it. */
public sealed interface MemoryQueryPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.memoryQuery(this);
  }

  @Override
  default boolean needsPausedCpu() {
    return true;
  }

  /**
   * {@code qCRC:addr,length}.
   *
   * @param length in bytes, unsigned
   */
  record Checksum(VirtualAddress address, long length) implements MemoryQueryPacket {}

  /**
   * {@code qSearch:memory:addr;length;pattern}.
   *
   * @param length the bytes that the pattern must lie within, unsigned
   * @param pattern the bytes to find
   */
  record Search(VirtualAddress address, long length, Payload pattern)
      implements MemoryQueryPacket {}

  /** {@code qMemoryRegionInfo:addr}, which lldb asks. */
  record RegionAt(VirtualAddress address) implements MemoryQueryPacket {}

  /** Parses {@code qCRC}. */
  static Packet checksum(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    VirtualAddress address = in.address();
    in.expect(',');
    long length = in.number("a length");
    in.expectEnd();
    return new Checksum(address, length);
  }

  /** Parses {@code qSearch}; only memory is known. */
  static Packet search(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    if (!in.textUpTo(':').equals("memory")) {
      return new Unrecognized();
    }
    VirtualAddress address = in.address();
    in.expect(';');
    long length = in.number("a length");
    in.expect(';');
    byte[] pattern = in.binary();
    if (pattern.length == 0) {
      throw in.malformed("a pattern");
    }
    return new Search(address, length, Payload.copyOf(pattern, pattern.length));
  }

  /** Parses {@code qMemoryRegionInfo}. */
  static Packet regionAt(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    VirtualAddress address = in.address();
    in.expectEnd();
    return new RegionAt(address);
  }
}
