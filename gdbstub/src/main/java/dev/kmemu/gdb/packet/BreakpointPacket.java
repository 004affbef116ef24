package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.memory.VirtualAddress;

/** Packets that plant and remove breakpoints. */
public sealed interface BreakpointPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.breakpoint(this);
  }

  /** The breakpoint types of the protocol that the stub has. */
  enum Kind {
    /** {@code Z0}. */
    SOFTWARE,
    /** {@code Z1}. */
    HARDWARE
  }

  /** {@code Z type,addr,kind}. */
  record Insert(Kind kind, VirtualAddress address) implements BreakpointPacket {}

  /** {@code z type,addr,kind}. */
  record Remove(Kind kind, VirtualAddress address) implements BreakpointPacket {}

  /** Parses {@code Z0} and {@code Z1}. */
  static PacketParser.Grammar insert(Kind kind) {
    return in -> new Insert(kind, address(in));
  }

  /** Parses {@code z0} and {@code z1}. */
  static PacketParser.Grammar remove(Kind kind) {
    return in -> new Remove(kind, address(in));
  }

  /** The kind is the length of the instruction to plant; the machine plants none. */
  private static VirtualAddress address(PacketReader in) throws MalformedPacketException {
    in.expect(',');
    VirtualAddress address = in.address();
    in.expect(',');
    in.count("a breakpoint kind");
    in.expectEnd();
    return address;
  }
}
