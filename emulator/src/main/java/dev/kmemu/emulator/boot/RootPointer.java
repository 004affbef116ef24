package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The root of the ACPI tables that the firmware has left, found as boot loaders find it (ACPI 6.5,
 * 5.2.5.1).
 */
final class RootPointer {

  /** Bytes that it has. */
  static final int BYTES = 36;

  private static final long START = 0xE_0000;
  private static final long END = 0x10_0000;
  private static final int STEP = 16;
  private static final byte[] SIGNATURE = "RSD PTR ".getBytes(StandardCharsets.US_ASCII);

  private RootPointer() {}

  /** Returns its address, if there is one. */
  static OptionalLong find(PhysicalMemory ram) {
    byte[] bytes = new byte[BYTES];
    for (long at = START; at < END && ram.contains(at, BYTES); at += STEP) {
      ram.read(new PhysicalAddress(at), bytes, 0, BYTES);
      if (Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)
          && adds(bytes)) {
        return OptionalLong.of(at);
      }
    }
    return OptionalLong.empty();
  }

  private static boolean adds(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return (sum & 0xFF) == 0;
  }
}
