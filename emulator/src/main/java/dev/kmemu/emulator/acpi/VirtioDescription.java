package dev.kmemu.emulator.acpi;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** The virtio devices of the DSDT, each with the _HID that drivers look for: LNRO0005. */
final class VirtioDescription {

  private static final int MEMORY_32_FIXED = 0x86;
  private static final int MEMORY_BYTES = 9;
  private static final int EXTENDED_INTERRUPT = 0x89;
  private static final int INTERRUPT_BYTES = 6;
  private static final int CONSUMER_LEVEL_HIGH = 1;
  private static final int END = 0x79;

  private VirtioDescription() {}

  static byte[] bytes(List<MmioResource> devices) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < devices.size(); i++) {
      body.writeBytes(
          AmlWriter.device(
              "VIO" + (char) ('A' + i),
              AmlWriter.name("_HID", AmlWriter.text("LNRO0005")),
              AmlWriter.name("_UID", AmlWriter.integer(i)),
              AmlWriter.name("_CRS", AmlWriter.buffer(resources(devices.get(i))))));
    }
    return AmlWriter.scope("_SB_", body.toByteArray());
  }

  /** A resource template: ACPI 6.5, 6.4.3. */
  private static byte[] resources(MmioResource device) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(MEMORY_32_FIXED);
    little(out, MEMORY_BYTES, 2);
    out.write(1);
    little(out, device.address(), Integer.BYTES);
    little(out, device.bytes(), Integer.BYTES);
    out.write(EXTENDED_INTERRUPT);
    little(out, INTERRUPT_BYTES, 2);
    out.write(CONSUMER_LEVEL_HIGH);
    out.write(1);
    little(out, device.line(), Integer.BYTES);
    out.write(END);
    out.write(0);
    return out.toByteArray();
  }

  private static void little(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (8 * i)) & 0xFF);
    }
  }
}
