package dev.kmemu.gdb.packet;

/** Packets about the machine's life and the debugger's hold on it. */
public sealed interface LifePacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.life(this);
  }

  /** {@code ?}. */
  record WhyStopped() implements LifePacket {}

  /** {@code vStopped}: the debugger has read a stop and asks for the next one. */
  record NextStop() implements LifePacket {}

  /** {@code vCtrlC}: what 0x03 is where stops are told by notifications. */
  record Interrupt() implements LifePacket {}

  /** {@code vAttach;pid}: the machine is attached already, with the first packet. */
  record Attach(int process) implements LifePacket {
    @Override
    public boolean needsPausedCpu() {
      return true;
    }
  }

  /** {@code D} or {@code D;pid}. */
  record Detach() implements LifePacket {}

  /** {@code k}, which has no reply. */
  record Kill() implements LifePacket {}

  /**
   * {@code vKill;pid}: whatever the process, as gdb makes one up for a target that hasn't offered
   * multiprocess.
   */
  record KillProcess() implements LifePacket {}

  /** {@code qAttached} or {@code qAttached:pid}. */
  record IsAttached() implements LifePacket {}

  /** Parses {@code ?}. */
  static Packet whyStopped(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new WhyStopped();
  }

  /** Parses {@code vStopped}. */
  static Packet nextStop(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new NextStop();
  }

  /** Parses {@code vCtrlC}. */
  static Packet interrupt(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new Interrupt();
  }

  /** Parses {@code vAttach}. */
  static Packet attach(PacketReader in) throws MalformedPacketException {
    in.expect(';');
    int process = in.count("a process id");
    in.expectEnd();
    return new Attach(process);
  }

  /** Parses {@code D}. */
  static Packet detach(PacketReader in) throws MalformedPacketException {
    if (!in.atEnd()) {
      in.expect(';');
      in.count("a process id");
      in.expectEnd();
    }
    return new Detach();
  }

  /** Parses {@code k}. */
  static Packet kill(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new Kill();
  }

  /** Parses {@code vKill}. */
  static Packet killProcess(PacketReader in) throws MalformedPacketException {
    in.expect(';');
    in.count("a process id");
    in.expectEnd();
    return new KillProcess();
  }

  /** Parses {@code qAttached}. */
  static Packet isAttached(PacketReader in) throws MalformedPacketException {
    if (in.accept(':')) {
      in.count("a process id");
    }
    in.expectEnd();
    return new IsAttached();
  }
}
