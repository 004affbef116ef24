package dev.kmemu.gdb.packet;

/** Packets that read and write registers. */
public sealed interface RegisterPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.registers(this);
  }

  @Override
  default boolean needsPausedCpu() {
    return true;
  }

  /** {@code g}. */
  record ReadAll() implements RegisterPacket {}

  /** {@code G XX...}. */
  final class WriteAll implements RegisterPacket {

    private final byte[] values;

    private WriteAll(byte[] values) {
      this.values = values;
    }

    /** Returns the values one after the other, as the description orders them; not a copy. */
    public byte[] values() {
      return values;
    }
  }

  /** {@code p n}. */
  record Read(int number) implements RegisterPacket {}

  /** {@code P n=r}. */
  final class Write implements RegisterPacket {

    private final int number;
    private final byte[] value;

    private Write(int number, byte[] value) {
      this.number = number;
      this.value = value;
    }

    /** Returns the register's number. */
    public int number() {
      return number;
    }

    /** Returns the value in memory order; not a copy. */
    public byte[] value() {
      return value;
    }
  }

  /** Parses {@code g}. */
  static Packet readAll(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new ReadAll();
  }

  /** Parses {@code G}. */
  static Packet writeAll(PacketReader in) throws MalformedPacketException {
    return new WriteAll(in.hexBytes("register values"));
  }

  /** Parses {@code p}. */
  static Packet read(PacketReader in) throws MalformedPacketException {
    int number = in.count("a register number");
    in.expectEnd();
    return new Read(number);
  }

  /** Parses {@code P}. */
  static Packet write(PacketReader in) throws MalformedPacketException {
    int number = in.count("a register number");
    in.expect('=');
    return new Write(number, in.hexBytes("a register value"));
  }
}
