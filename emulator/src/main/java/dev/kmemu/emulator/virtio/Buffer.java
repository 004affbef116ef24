package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * Guest RAM that a descriptor names.
 *
 * @param ram where it lies
 * @param address its first byte
 * @param length its size, below 2 GiB
 * @param writable whether the device writes it, and doesn't read it
 */
record Buffer(PhysicalMemory ram, long address, int length, boolean writable) {

  Buffer {
    if (length < 0) {
      throw new VirtioException("a descriptor has 2 GiB or more");
    }
  }

  void read(int offset, byte[] target, int at, int count) {
    ram.read(new PhysicalAddress(address + offset), target, at, count);
  }

  void write(int offset, byte[] source, int at, int count) {
    ram.write(new PhysicalAddress(address + offset), source, at, count);
  }
}
