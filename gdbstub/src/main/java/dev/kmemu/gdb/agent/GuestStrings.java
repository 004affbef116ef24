package dev.kmemu.gdb.agent;

import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.nio.charset.StandardCharsets;

/**
 * Zero-ended strings in the guest's memory.
 *
 * @param most how many bytes are read; a longer string is cut
 */
record GuestStrings(StoppedCpu cpu, int most) {

  private static final int CHUNK = 64;

  /** Returns the string at {@code address}. */
  String at(long address) {
    byte[] bytes = new byte[Math.min(most, CHUNK)];
    int length = 0;
    while (length < most) {
      if (length == bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, Math.min(most, 2 * length));
      }
      VirtualAddress from = new VirtualAddress(address + length);
      int read = cpu.read(from, bytes, length, bytes.length - length).length();
      int end = indexOfZero(bytes, length, length + read);
      if (end >= 0) {
        return text(bytes, end);
      }
      if (read == 0) {
        throw new AgentFaultException("no string at " + new VirtualAddress(address));
      }
      length += read;
    }
    return text(bytes, length);
  }

  private static int indexOfZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private static String text(byte[] bytes, int length) {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
