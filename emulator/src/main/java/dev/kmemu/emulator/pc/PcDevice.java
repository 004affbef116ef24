package dev.kmemu.emulator.pc;

/** A device that a PC may lack. */
public enum PcDevice {
  /** Local APIC and I/O APIC, with the MP table: {@code apic}. */
  APIC("apic", "local APIC, I/O APIC, MP table"),
  /** The ACPI tables, the PM1a events and the power management timer: {@code acpi}. */
  ACPI("acpi", "ACPI tables, power management timer"),
  /** The 8254: {@code pit}. */
  PIT("pit", "8254 timer and port 0x61"),
  /** The clock and its memory: {@code rtc}. */
  RTC("rtc", "MC146818 clock"),
  /** The event timer: {@code hpet}. Kernels find it by ACPI. */
  HPET("hpet", "high precision event timer"),
  /** The keyboard; its controller is always there: {@code keyboard}. */
  KEYBOARD("keyboard", "PS/2 keyboard"),
  /** QEMU's firmware configuration: {@code fw-cfg}. */
  FIRMWARE_CONFIG("fw-cfg", "QEMU's firmware configuration"),
  /** Virtio random numbers: {@code rng}. */
  ENTROPY("rng", "virtio random numbers"),
  /** What test suites for CPUs expect: {@code test}. */
  TEST("test", "QEMU's pc-testdev");

  private final String id;
  private final String description;

  PcDevice(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /** Returns its name in options. */
  public String id() {
    return id;
  }

  /** Returns what it is, for people. */
  public String description() {
    return description;
  }
}
