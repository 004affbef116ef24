package dev.kmemu.gdb.packet;

/** Packets that QEMU has added to the protocol and that tools for its users send. */
public sealed interface QemuPacket extends Packet {

  @Override
  default Reply accept(PacketVisitor visitor) {
    return visitor.qemu(this);
  }

  /** {@code qqemu.Supported}. */
  record Supported() implements QemuPacket {}

  /** {@code qqemu.sstepbits}: which flags {@code sstep} has. */
  record StepBits() implements QemuPacket {}

  /** {@code qqemu.sstep}: which of the flags are set. */
  record Step() implements QemuPacket {}

  /** {@code Qqemu.sstep=flags}. */
  record SetStep(int flags) implements QemuPacket {}

  /** {@code qqemu.PhyMemMode}: whether addresses in memory packets are physical. */
  record PhysicalMode() implements QemuPacket {}

  /** {@code Qqemu.PhyMemMode:mode}. */
  record SetPhysicalMode(boolean on) implements QemuPacket {}

  /** Parses {@code qqemu.Supported}. */
  static Packet supported(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new Supported();
  }

  /** Parses {@code qqemu.sstepbits}. */
  static Packet stepBits(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new StepBits();
  }

  /** Parses {@code qqemu.sstep}. */
  static Packet step(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new Step();
  }

  /** Parses {@code Qqemu.sstep}; QEMU reads the flags with or without {@code 0x}. */
  static Packet setStep(PacketReader in) throws MalformedPacketException {
    in.expect('=');
    in.accept("0x");
    int flags = in.count("flags");
    in.expectEnd();
    return new SetStep(flags);
  }

  /** Parses {@code qqemu.PhyMemMode}. */
  static Packet physicalMode(PacketReader in) throws MalformedPacketException {
    in.expectEnd();
    return new PhysicalMode();
  }

  /** Parses {@code Qqemu.PhyMemMode}. */
  static Packet setPhysicalMode(PacketReader in) throws MalformedPacketException {
    in.expect(':');
    int mode = in.count("a mode");
    in.expectEnd();
    return new SetPhysicalMode(mode != 0);
  }
}
