package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.wire.Payload;
import java.util.ArrayList;
import java.util.List;

/** Packets that plant and remove breakpoints. */
public sealed interface BreakpointPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.breakpoint(this);
  }

  @Override
  default boolean needsPausedCpu() {
    return true;
  }

  /** The breakpoint types of the protocol that the stub has. */
  enum Kind {
    /** {@code Z0}. */
    SOFTWARE,
    /** {@code Z1}. */
    HARDWARE
  }

  /**
   * {@code Z type,addr,kind;conditions;cmds:persist,commands}.
   *
   * @param conditions bytecode of which one piece must say so for a stop; none is a stop always
   * @param commands bytecode that is executed instead of a stop
   */
  record Insert(Kind kind, VirtualAddress address, List<Payload> conditions, List<Payload> commands)
      implements BreakpointPacket {

    /** Copies the lists. */
    public Insert {
      conditions = List.copyOf(conditions);
      commands = List.copyOf(commands);
    }
  }

  /** {@code z type,addr,kind}. */
  record Remove(Kind kind, VirtualAddress address) implements BreakpointPacket {}

  /** Parses {@code Z0} and {@code Z1}. */
  static PacketParser.Grammar insert(Kind kind) {
    return in -> {
      VirtualAddress address = address(in);
      List<Payload> conditions = new ArrayList<>();
      List<Payload> commands = new ArrayList<>();
      while (in.accept(';')) {
        if (in.accept("cmds:")) {
          in.count("whether commands persist");
          in.expect(',');
          readBytecode(in, commands);
        } else {
          readBytecode(in, conditions);
        }
      }
      in.expectEnd();
      return new Insert(kind, address, conditions, commands);
    };
  }

  /** Parses {@code z0} and {@code z1}. */
  static PacketParser.Grammar remove(Kind kind) {
    return in -> {
      VirtualAddress address = address(in);
      in.expectEnd();
      return new Remove(kind, address);
    };
  }

  /** The kind is the length of the instruction to plant; the machine plants none. */
  private static VirtualAddress address(PacketReader in) throws MalformedPacketException {
    in.expect(',');
    VirtualAddress address = in.address();
    in.expect(',');
    in.count("a breakpoint kind");
    return address;
  }

  /** Reads {@code Xlen,bytes} as often as it comes. */
  private static void readBytecode(PacketReader in, List<Payload> pieces)
      throws MalformedPacketException {
    while (in.accept('X')) {
      int length = in.count("a length of bytecode");
      in.expect(',');
      byte[] bytes = in.hexBytes("bytecode", length);
      pieces.add(Payload.copyOf(bytes, bytes.length));
    }
  }
}
