package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/** The guest's side of a device with one megabyte of RAM: queue 0 at 0x1000, queue 1 at 0x4000. */
final class VirtioDriver {

  static final int SIZE = 8;
  static final long DATA = 0x1_0000;
  static final int WRITABLE = 2;

  private static final int NEXT = 1;
  private static final long QUEUE_STRIDE = 0x3000;

  final PhysicalMemory ram = new PhysicalMemory(new DirectMapping(1 << 20));
  final VirtioMmio device;
  boolean interrupted;
  private final int[] offered = new int[2];
  private int next;

  VirtioDriver(VirtioFunction function) {
    device = new VirtioMmio("test", function, ram, high -> interrupted = high);
  }

  int in(int register) {
    return (int) device.read(register, 4);
  }

  void out(int register, long value) {
    device.write(register, 4, value);
  }

  /** Does what a driver does at first: 3.1.1. */
  VirtioDriver start(int queues) {
    out(0x70, 1);
    out(0x70, 3);
    out(0x24, 1);
    out(0x20, 1);
    out(0x70, 0xB);
    for (int i = 0; i < queues; i++) {
      out(0x30, i);
      out(0x38, SIZE);
      out(0x80, descriptors(i));
      out(0x90, available(i));
      out(0xA0, used(i));
      out(0x44, 1);
    }
    out(0x70, 0xF);
    return this;
  }

  static long descriptors(int queue) {
    return 0x1000 + queue * QUEUE_STRIDE;
  }

  static long available(int queue) {
    return descriptors(queue) + 0x1000;
  }

  static long used(int queue) {
    return descriptors(queue) + 0x2000;
  }

  void store16(long at, int value) {
    ram.store8(new PhysicalAddress(at), value);
    ram.store8(new PhysicalAddress(at + 1), value >> 8);
  }

  int load16(long at) {
    return ram.load8(new PhysicalAddress(at)) | ram.load8(new PhysicalAddress(at + 1)) << 8;
  }

  /** Writes descriptors that follow each other: address, length, flags of each. */
  void chain(int queue, int head, long... parts) {
    for (int i = 0; i < parts.length; i += 3) {
      int index = head + i / 3;
      boolean last = i + 3 == parts.length;
      long at = descriptors(queue) + index * 16L;
      ram.store64(new PhysicalAddress(at), parts[i]);
      ram.store32(new PhysicalAddress(at + 8), (int) parts[i + 1]);
      store16(at + 12, (int) parts[i + 2] | (last ? 0 : NEXT));
      store16(at + 14, index + 1);
    }
  }

  /** Offers the chain that begins at {@code head} and notifies the device. */
  void offer(int queue, int head) {
    int index = offered[queue]++;
    store16(available(queue) + 4 + 2L * (index % SIZE), head);
    store16(available(queue) + 2, index + 1);
    out(0x50, queue);
  }

  int usedCount(int queue) {
    return load16(used(queue) + 2);
  }

  /** Returns how many bytes the device says it wrote into its last chain. */
  int writtenLast(int queue) {
    int index = usedCount(queue) - 1;
    return ram.load32(new PhysicalAddress(used(queue) + 4 + 8L * (index % SIZE) + 4));
  }

  void put(long at, byte... bytes) {
    ram.write(new PhysicalAddress(at), bytes, 0, bytes.length);
  }

  byte[] get(long at, int count) {
    byte[] bytes = new byte[count];
    ram.read(new PhysicalAddress(at), bytes, 0, count);
    return bytes;
  }

  /** Makes one request to a disk and returns its status. */
  int disk(int type, long sector, byte[] data, boolean reads) {
    int head = next;
    next = (next + 3) % (SIZE - 2);
    ram.store32(new PhysicalAddress(DATA), type);
    ram.store64(new PhysicalAddress(DATA + 8), sector);
    ram.store8(new PhysicalAddress(DATA + 16), 0xEE);
    if (!reads) {
      put(DATA + 0x1000, data);
    }
    if (data.length == 0) {
      chain(0, head, DATA, 16, 0, DATA + 16, 1, WRITABLE);
    } else {
      chain(
          0,
          head,
          DATA,
          16,
          0,
          DATA + 0x1000,
          data.length,
          reads ? WRITABLE : 0,
          DATA + 16,
          1,
          WRITABLE);
    }
    offer(0, head);
    if (reads) {
      System.arraycopy(get(DATA + 0x1000, data.length), 0, data, 0, data.length);
    }
    return ram.load8(new PhysicalAddress(DATA + 16));
  }
}
