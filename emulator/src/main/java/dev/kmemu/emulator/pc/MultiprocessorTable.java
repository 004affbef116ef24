package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.ApicAccess;
import dev.kmemu.emulator.device.IoApic;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What tells kernels without ACPI of the APICs: the floating pointer at 0xF0000 and the
 * configuration table behind it (Intel MultiProcessor Specification 1.4, chapter 4).
 */
final class MultiprocessorTable {

  private static final long POINTER = 0xF_0000;
  private static final int POINTER_BYTES = 16;
  private static final int CHECKSUM = 7;
  private static final int LENGTH = 4;
  private static final int ENTRY_COUNT = 34;
  private static final int REVISION = 4;
  private static final int LINES = 16;
  private static final int CASCADE = 2;
  private static final int SIGNATURE = 0x654;
  private static final int FEATURES = 0x0781_ABFF;

  /** Kinds of interrupts. */
  private static final int VECTORED = 0;

  private static final int NMI = 1;
  private static final int EXTERNAL = 3;
  private static final int ALL_CPUS = 0xFF;

  private final ByteBuffer table = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
  private int entries;

  private MultiprocessorTable() {}

  static void write(PhysicalMemory ram) {
    byte[] table = new MultiprocessorTable().build();
    ByteBuffer pointer = ByteBuffer.allocate(POINTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    pointer.put("_MP_".getBytes(StandardCharsets.US_ASCII));
    pointer.putInt((int) POINTER + POINTER_BYTES).put((byte) 1).put((byte) REVISION);
    pointer.put(10, checksum(pointer.array()));
    ram.write(new PhysicalAddress(POINTER), pointer.array(), 0, POINTER_BYTES);
    ram.write(new PhysicalAddress(POINTER + POINTER_BYTES), table, 0, table.length);
  }

  private byte[] build() {
    text("PCMP").int16(0).int8(REVISION).int8(0).text("KMEMU   ").text("PC          ");
    table.putInt(0).putShort((short) 0).putShort((short) 0).putInt((int) ApicAccess.PAGE.value());
    table.putInt(0);
    // The boot processor, enabled, with an APIC of the version 0x14.
    entry(0).int8(0).int8(0x14).int8(3);
    table.putInt(SIGNATURE).putInt(FEATURES).putLong(0);
    entry(1).int8(0).text("ISA   ");
    entry(2).int8(0).int8(0x11).int8(1);
    table.putInt((int) IoApic.ADDRESS.value());
    for (int line = 0; line < LINES; line++) {
      if (line != CASCADE) {
        interrupt(3, VECTORED, line, 0, line == 0 ? ApicPair.TIMER_PIN : line);
      }
    }
    interrupt(4, EXTERNAL, 0, 0, 0);
    interrupt(4, NMI, 0, ALL_CPUS, 1);
    byte[] all = new byte[table.position()];
    table.putShort(LENGTH, (short) all.length).putShort(ENTRY_COUNT, (short) entries);
    table.get(0, all);
    all[CHECKSUM] = checksum(all);
    return all;
  }

  /** Polarity and trigger are the bus's. */
  private void interrupt(int type, int kind, int line, int to, int pin) {
    entry(type).int8(kind).int16(0).int8(0).int8(line).int8(to).int8(pin);
  }

  private MultiprocessorTable entry(int type) {
    entries++;
    return int8(type);
  }

  private MultiprocessorTable int8(int value) {
    table.put((byte) value);
    return this;
  }

  private MultiprocessorTable int16(int value) {
    table.putShort((short) value);
    return this;
  }

  private MultiprocessorTable text(String text) {
    table.put(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  private static byte checksum(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return (byte) -sum;
  }
}
