package dev.kmemu.gdb.packet;

/** A packet that breaks its own grammar; the message names the packet and what was expected. */
final class MalformedPacketException extends Exception {

  private static final long serialVersionUID = 1;

  MalformedPacketException(String message) {
    super(message);
  }
}
