package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.wire.Hex;
import dev.kmemu.gdb.wire.Payload;

/** A cursor over one packet's payload, after its name. */
final class PacketReader {

  private static final int LONG_DIGITS = 2 * Long.BYTES;

  private final String name;
  private final Payload payload;
  private int position;

  PacketReader(String name, Payload payload) {
    this.name = name;
    this.payload = payload;
    this.position = name.length();
  }

  boolean atEnd() {
    return position == payload.length();
  }

  /** Skips {@code character} when it comes next. */
  boolean accept(char character) {
    if (atEnd() || payload.at(position) != character) {
      return false;
    }
    position++;
    return true;
  }

  /** Skips {@code text} when it comes next. */
  boolean accept(String text) {
    int end = position + text.length();
    if (end > payload.length() || !payload.text(position, end).equals(text)) {
      return false;
    }
    position = end;
    return true;
  }

  void expect(char character) throws MalformedPacketException {
    if (!accept(character)) {
      throw malformed("'" + character + "'");
    }
  }

  void expectEnd() throws MalformedPacketException {
    if (!atEnd()) {
      throw malformed("the end");
    }
  }

  char letter(String what) throws MalformedPacketException {
    if (atEnd()) {
      throw malformed(what);
    }
    return (char) payload.at(position++);
  }

  VirtualAddress address() throws MalformedPacketException {
    return new VirtualAddress(number("an address"));
  }

  /** Reads 1 to 16 digits, big-endian, as an unsigned number. */
  long number(String what) throws MalformedPacketException {
    int start = position;
    long value = 0;
    while (!atEnd() && Hex.value(payload.at(position)) >= 0) {
      value = value << 4 | Hex.value(payload.at(position++));
    }
    int digits = position - start;
    if (digits == 0 || digits > LONG_DIGITS) {
      position = start;
      throw malformed(what + " of 1 to " + LONG_DIGITS + " hex digits");
    }
    return value;
  }

  /** Reads a number that {@code int} holds, 0 to 2^31 - 1. */
  int count(String what) throws MalformedPacketException {
    int start = position;
    long value = number(what);
    if (value < 0 || value > Integer.MAX_VALUE) {
      position = start;
      throw malformed(what + " of at most 7fffffff");
    }
    return (int) value;
  }

  /** Reads the rest as pairs of digits, in memory order. */
  byte[] hexBytes(String what) throws MalformedPacketException {
    int digits = payload.length() - position;
    if (digits % 2 != 0) {
      throw malformed(what + " in pairs of hex digits, not " + digits + " digits");
    }
    return hexBytes(what, digits / 2);
  }

  /** Reads {@code count} pairs of digits, in memory order. */
  byte[] hexBytes(String what, int count) throws MalformedPacketException {
    if (count > (payload.length() - position) / 2) {
      throw malformed(count + " bytes of " + what + " in hex digits");
    }
    byte[] bytes = new byte[count];
    for (int i = 0; i < bytes.length; i++) {
      int high = Hex.value(payload.at(position));
      int low = Hex.value(payload.at(position + 1));
      if (high < 0 || low < 0) {
        throw malformed(what + " in hex digits");
      }
      bytes[i] = (byte) (high << 4 | low);
      position += 2;
    }
    return bytes;
  }

  /** Reads the rest as it is. */
  byte[] binary() {
    byte[] bytes = payload.bytes(position, payload.length());
    position = payload.length();
    return bytes;
  }

  /** Reads up to {@code terminator}, which is skipped too, or up to the end. */
  String textUpTo(char terminator) {
    int end = position;
    while (end < payload.length() && payload.at(end) != terminator) {
      end++;
    }
    String text = payload.text(position, end);
    position = Math.min(end + 1, payload.length());
    return text;
  }

  MalformedPacketException malformed(String expected) {
    return new MalformedPacketException(
        name + ": expected " + expected + " at byte " + position + " of " + payload.length());
  }
}
