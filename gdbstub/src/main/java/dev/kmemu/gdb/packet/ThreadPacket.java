package dev.kmemu.gdb.packet;

/** Packets about threads, which are CPUs. */
public sealed interface ThreadPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.thread(this);
  }

  /** {@code H op thread-id}: the thread that later packets mean. */
  record Select(ThreadId thread) implements ThreadPacket {}

  /** {@code T thread-id}: whether the thread exists. */
  record IsAlive(ThreadId thread) implements ThreadPacket {}

  /** {@code qC}. */
  record Current() implements ThreadPacket {}

  /** {@code qfThreadInfo}. */
  record FirstThreads() implements ThreadPacket {}

  /** {@code qsThreadInfo}. */
  record MoreThreads() implements ThreadPacket {}

  /** {@code qThreadExtraInfo,thread-id}: what a person is shown beside the thread. */
  record ExtraInfo(ThreadId thread) implements ThreadPacket {}

  /** Parses {@code H}. */
  static Packet select(PacketReader in) throws MalformedPacketException {
    char operation = in.letter("an operation");
    if (operation != 'g' && operation != 'c') {
      throw in.malformed("one of the operations c and g, not " + operation + ",");
    }
    ThreadId thread = ThreadId.read(in);
    in.expectEnd();
    return new Select(thread);
  }

  /** Parses {@code T}. */
  static Packet isAlive(PacketReader in) throws MalformedPacketException {
    ThreadId thread = ThreadId.read(in);
    in.expectEnd();
    return new IsAlive(thread);
  }

  /** Parses {@code qC}. */
  static Packet current(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new Current();
  }

  /** Parses {@code qfThreadInfo}. */
  static Packet firstThreads(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new FirstThreads();
  }

  /** Parses {@code qsThreadInfo}. */
  static Packet moreThreads(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new MoreThreads();
  }

  /** Parses {@code qThreadExtraInfo}. */
  static Packet extraInfo(PacketReader in) throws MalformedPacketException {
    in.expect(',');
    ThreadId thread = ThreadId.read(in);
    in.expectEnd();
    return new ExtraInfo(thread);
  }
}
