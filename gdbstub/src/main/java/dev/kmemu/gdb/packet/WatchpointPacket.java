package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.memory.VirtualAddress;

/** Packets that plant and remove watchpoints. */
public sealed interface WatchpointPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.watchpoint(this);
  }

  @Override
  default boolean needsPausedCpu() {
    return true;
  }

  /**
   * {@code Z2}, {@code Z3} or {@code Z4}, {@code addr,length}.
   *
   * @param address the first byte, aligned or not
   * @param length how many bytes
   */
  record Insert(Watchpoint.Kind kind, VirtualAddress address, int length)
      implements WatchpointPacket {}

  /** {@code z2}, {@code z3} or {@code z4}, {@code addr,length}. */
  record Remove(Watchpoint.Kind kind, VirtualAddress address, int length)
      implements WatchpointPacket {}

  /** Parses {@code Z2}, {@code Z3} and {@code Z4}. */
  static PacketParser.Grammar insert(Watchpoint.Kind kind) {
    return in -> {
      in.expect(',');
      VirtualAddress address = in.address();
      return new Insert(kind, address, length(in));
    };
  }

  /** Parses {@code z2}, {@code z3} and {@code z4}. */
  static PacketParser.Grammar remove(Watchpoint.Kind kind) {
    return in -> {
      in.expect(',');
      VirtualAddress address = in.address();
      return new Remove(kind, address, length(in));
    };
  }

  private static int length(PacketReader in) throws MalformedPacketException {
    in.expect(',');
    int length = in.count("a length");
    in.expectEnd();
    return length;
  }
}
