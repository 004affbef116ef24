package dev.kmemu.emulator.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A structure in little-endian memory that a loader fills in. */
final class BootStructure {

  private final ByteBuffer buffer;

  BootStructure(int bytes) {
    buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  BootStructure int8(int offset, int value) {
    buffer.put(offset, (byte) value);
    return this;
  }

  BootStructure int16(int offset, int value) {
    buffer.putShort(offset, (short) value);
    return this;
  }

  BootStructure int32(int offset, long value) {
    buffer.putInt(offset, (int) value);
    return this;
  }

  BootStructure int64(int offset, long value) {
    buffer.putLong(offset, value);
    return this;
  }

  BootStructure bytes(int offset, byte[] source, int from, int count) {
    buffer.put(offset, source, from, count);
    return this;
  }

  byte[] toBytes() {
    return buffer.array();
  }
}
