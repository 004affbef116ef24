package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.memory.VirtualAddress;

/** Packets that read and write memory. */
public sealed interface MemoryPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.memory(this);
  }

  @Override
  default boolean needsPausedCpu() {
    return true;
  }

  /**
   * {@code m addr,length}.
   *
   * @param length in bytes, unsigned
   */
  record Read(VirtualAddress address, long length) implements MemoryPacket {}

  /**
   * {@code x addr,length}, answered in binary.
   *
   * @param length in bytes, unsigned
   */
  record ReadBinary(VirtualAddress address, long length) implements MemoryPacket {}

  /** {@code M addr,length:XX...} or {@code X addr,length:binary}. */
  final class Write implements MemoryPacket {

    private final VirtualAddress address;
    private final byte[] data;

    private Write(VirtualAddress address, byte[] data) {
      this.address = address;
      this.data = data;
    }

    /** Returns where to write. */
    public VirtualAddress address() {
      return address;
    }

    /** Returns what to write; not a copy. */
    public byte[] data() {
      return data;
    }
  }

  /** Parses {@code m}. */
  static Packet read(PacketReader in) throws MalformedPacketException {
    VirtualAddress address = in.address();
    in.expect(',');
    long length = in.number("a length");
    in.expectEnd();
    return new Read(address, length);
  }

  /** Parses {@code x}. */
  static Packet readBinary(PacketReader in) throws MalformedPacketException {
    VirtualAddress address = in.address();
    in.expect(',');
    long length = in.number("a length");
    in.expectEnd();
    return new ReadBinary(address, length);
  }

  /** Parses {@code M}. */
  static Packet writeHex(PacketReader in) throws MalformedPacketException {
    VirtualAddress address = in.address();
    in.expect(',');
    int length = in.count("a length");
    in.expect(':');
    return write(in, address, length, in.hexBytes("data"));
  }

  /** Parses {@code X}. */
  static Packet writeBinary(PacketReader in) throws MalformedPacketException {
    VirtualAddress address = in.address();
    in.expect(',');
    int length = in.count("a length");
    in.expect(':');
    return write(in, address, length, in.binary());
  }

  private static Packet write(PacketReader in, VirtualAddress address, int length, byte[] data)
      throws MalformedPacketException {
    if (data.length != length) {
      throw in.malformed(length + " bytes of data, not " + data.length + ",");
    }
    return new Write(address, data);
  }
}
