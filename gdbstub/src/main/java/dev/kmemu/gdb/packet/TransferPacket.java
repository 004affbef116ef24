package dev.kmemu.gdb.packet;

/** Packets that fetch documents piece by piece. */
public sealed interface TransferPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.transfer(this);
  }

  /**
   * {@code qXfer:object:read:annex:offset,length}.
   *
   * @param offset in bytes
   * @param length the most bytes to answer with
   */
  record Read(String object, String annex, int offset, int length) implements TransferPacket {}

  /** Parses {@code qXfer}; writing is not recognized. */
  static Packet parse(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    String object = in.textUpTo(':');
    if (!in.textUpTo(':').equals("read")) {
      return new Unrecognized();
    }
    String annex = in.textUpTo(':');
    int offset = in.count("an offset");
    in.expect(',');
    int length = in.count("a length");
    in.expectEnd();
    return new Read(object, annex, offset, length);
  }
}
