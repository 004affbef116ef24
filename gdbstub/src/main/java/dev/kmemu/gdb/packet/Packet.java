package dev.kmemu.gdb.packet;

/** One request of a debugger. */
public sealed interface Packet
    permits BreakpointPacket,
        HostPacket,
        LifePacket,
        MemoryPacket,
        MemoryQueryPacket,
        MonitorPacket,
        NegotiationPacket,
        Packet.Malformed,
        Packet.Unrecognized,
        QemuPacket,
        RegisterPacket,
        ResumePacket,
        ThreadPacket,
        TransferPacket,
        WatchpointPacket {

  /** Hands this packet to the method of {@code visitor} for its family. */
  Reply accept(PacketVisitor visitor);

  /** Whether the packet can be answered only while the CPU is paused. */
  default boolean needsPausedCpu() {
    return false;
  }

  /** A packet that the stub doesn't have. */
  record Unrecognized() implements Packet {
    @Override
    public Reply accept(PacketVisitor visitor) {
      return new Reply.Unsupported();
    }
  }

  /**
   * A packet that the stub has, with a body that it can't read.
   *
   * @param reason one line for a person
   */
  record Malformed(String reason) implements Packet {
    @Override
    public Reply accept(PacketVisitor visitor) {
      return new Reply.Failure(ErrorCode.INVALID, reason);
    }
  }
}
