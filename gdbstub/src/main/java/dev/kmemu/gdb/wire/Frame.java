package dev.kmemu.gdb.wire;

/** What travels on the wire between a debugger and the stub (GDB manual, Remote Protocol). */
public sealed interface Frame {

  /** {@code $payload#checksum}. */
  record Packet(Payload payload) implements Frame {}

  /** A packet whose two digits don't match its bytes, or aren't digits. */
  record Damaged(Payload payload) implements Frame {}

  /** {@code %payload#checksum}: nobody asked for it, and nobody acknowledges it. */
  record Notification(Payload payload) implements Frame {}

  /**
   * A packet that was dropped because it was too long.
   *
   * @param limit the most bytes that a packet may have
   */
  record Oversized(int limit) implements Frame {}

  /** The byte 0x03 outside a packet: stop the CPU. */
  record Interrupt() implements Frame {}

  /** {@code +}: the last packet arrived. */
  record Ack() implements Frame {}

  /** {@code -}: send the last packet again. */
  record Nack() implements Frame {}
}
