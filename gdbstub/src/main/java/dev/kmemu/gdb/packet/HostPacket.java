package dev.kmemu.gdb.packet;

/** Packets by which lldb learns what it has before it (LLDB, GDB Remote Protocol Extensions). */
public sealed interface HostPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.host(this);
  }

  /** {@code qHostInfo}. */
  record HostInfo() implements HostPacket {}

  /** {@code qProcessInfo}. */
  record ProcessInfo() implements HostPacket {}

  /** {@code qRegisterInfo n}. */
  record RegisterInfo(int number) implements HostPacket {}

  /** {@code jThreadsInfo}. */
  record ThreadsInfo() implements HostPacket {
    @Override
    public boolean needsPausedCpu() {
      return true;
    }
  }

  /** Parses {@code qHostInfo}. */
  static Packet hostInfo(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new HostInfo();
  }

  /** Parses {@code qProcessInfo}. */
  static Packet processInfo(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new ProcessInfo();
  }

  /** Parses {@code qRegisterInfo}. */
  static Packet registerInfo(PacketReader in) throws MalformedPacketException {
    int number = in.count("a register number");
    in.expectEnd();
    return new RegisterInfo(number);
  }

  /** Parses {@code jThreadsInfo}. */
  static Packet threadsInfo(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new ThreadsInfo();
  }
}
