package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.acpi.MmioResource;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.virtio.VirtioFunction;
import dev.kmemu.emulator.virtio.VirtioMmio;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Where a PC has its virtio devices: a page each from 0xD0000000 on, in the hole of its RAM. */
final class VirtioSlots {

  private static final long FIRST = 0xD000_0000L;
  private static final int STRIDE = 0x1000;

  /** Lines that no other device of the PC uses. */
  private static final int[] LINES = {5, 10, 11, 7, 6, 3};

  private final Machine machine;
  private final IntFunction<InterruptPin> lines;
  private final List<MmioResource> taken = new ArrayList<>();

  VirtioSlots(Machine machine, IntFunction<InterruptPin> lines) {
    this.machine = machine;
    this.lines = lines;
  }

  /**
   * Puts a device into the next slot.
   *
   * @throws IllegalArgumentException when all are taken
   */
  VirtioMmio add(String name, VirtioFunction function) {
    int slot = taken.size();
    if (slot == LINES.length) {
      throw new IllegalArgumentException(
          "a PC has room for " + LINES.length + " virtio devices: leave one out");
    }
    long address = FIRST + (long) slot * STRIDE;
    VirtioMmio device = new VirtioMmio(name, function, machine.ram(), lines.apply(LINES[slot]));
    machine.mmio().attach(new PhysicalAddress(address), VirtioMmio.BYTES, device);
    taken.add(new MmioResource(address, VirtioMmio.BYTES, LINES[slot]));
    return device;
  }

  /** Returns where they are. */
  List<MmioResource> taken() {
    return List.copyOf(taken);
  }
}
