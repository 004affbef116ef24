package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.memory.PhysicalAccessException;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A split virtqueue (Virtual I/O Device 1.2, 2.7) as the device sees it: descriptors, the ring of
 * what the driver offers and the ring of what the device has used, all in guest RAM.
 */
public final class Virtqueue {

  /** The most descriptors that a queue has. */
  static final int MOST = 256;

  private static final int DESCRIPTOR_BYTES = 16;
  private static final int RING_HEADER = 4;
  private static final int USED_BYTES = 8;
  private static final int NEXT = 1;
  private static final int WRITABLE = 2;
  private static final int INDIRECT = 4;
  private static final int NO_INTERRUPT = 1;
  private static final int INDEX = 0xFFFF;

  private final PhysicalMemory ram;
  private int size = MOST;
  private boolean ready;
  private long descriptors;
  private long available;
  private long used;
  private int taken;
  private boolean answered;

  Virtqueue(PhysicalMemory ram) {
    this.ram = ram;
  }

  /**
   * Takes the next chain of descriptors; null when there is none.
   *
   * @throws VirtioException when it isn't one
   */
  public @Nullable Chain poll() {
    if (!ready) {
      return null;
    }
    try {
      int offered = load16(available + 2);
      if (offered == taken) {
        return null;
      }
      if ((offered - taken & INDEX) > size) {
        throw new VirtioException("the driver offers more chains than the queue has descriptors");
      }
      int head = load16(available + RING_HEADER + 2L * (taken % size));
      Chain chain = chain(head);
      taken = taken + 1 & INDEX;
      return chain;
    } catch (PhysicalAccessException e) {
      throw new VirtioException("a queue isn't in RAM", e);
    }
  }

  /** Whether there is a chain to take. */
  public boolean hasNext() {
    try {
      return ready && load16(available + 2) != taken;
    } catch (PhysicalAccessException e) {
      return false;
    }
  }

  private Chain chain(int head) {
    List<Buffer> buffers = new ArrayList<>();
    int index = head;
    while (true) {
      if (index >= size || buffers.size() == size) {
        throw new VirtioException("a chain of descriptors leaves the table or has no end");
      }
      long at = descriptors + (long) index * DESCRIPTOR_BYTES;
      long address = ram.load64(at);
      int length = ram.load32(new PhysicalAddress(at + 8));
      int flags = load16(at + 12);
      if ((flags & INDIRECT) != 0 || !ram.contains(address, Integer.toUnsignedLong(length))) {
        throw new VirtioException(
            String.format("a descriptor of 0x%x bytes at 0x%x can't be used", length, address));
      }
      boolean writable = (flags & WRITABLE) != 0;
      if (!writable && !buffers.isEmpty() && buffers.get(buffers.size() - 1).writable()) {
        throw new VirtioException("a chain has bytes to read behind bytes to write");
      }
      buffers.add(new Buffer(ram, address, length, writable));
      if ((flags & NEXT) == 0) {
        return new Chain(head, buffers);
      }
      index = load16(at + 14);
    }
  }

  /**
   * Gives a chain back.
   *
   * @param written bytes that the device has written into it
   */
  public void push(Chain chain, int written) {
    try {
      int index = load16(used + 2);
      long entry = used + RING_HEADER + (long) USED_BYTES * (index % size);
      ram.store32(new PhysicalAddress(entry), chain.head());
      ram.store32(new PhysicalAddress(entry + 4), written);
      store16(used + 2, index + 1);
      answered |= (load16(available) & NO_INTERRUPT) == 0;
    } catch (PhysicalAccessException e) {
      throw new VirtioException("a queue isn't in RAM", e);
    }
  }

  /** Tells, once, whether the driver wants to hear that something was given back. */
  boolean takeAnswered() {
    boolean was = answered;
    answered = false;
    return was;
  }

  private int load16(long at) {
    PhysicalAddress low = new PhysicalAddress(at);
    return ram.load8(low) | ram.load8(new PhysicalAddress(at + 1)) << 8;
  }

  private void store16(long at, int value) {
    ram.store8(new PhysicalAddress(at), value);
    ram.store8(new PhysicalAddress(at + 1), value >> 8);
  }

  // The registers of the transport.

  int size() {
    return size;
  }

  void setSize(int value) {
    size = value >= 1 && value <= MOST && Integer.bitCount(value) == 1 ? value : MOST;
  }

  boolean isReady() {
    return ready;
  }

  void setReady(boolean is) {
    ready = is;
  }

  void setDescriptors(long address) {
    descriptors = address;
  }

  long descriptors() {
    return descriptors;
  }

  void setAvailable(long address) {
    available = address;
  }

  long available() {
    return available;
  }

  void setUsed(long address) {
    used = address;
  }

  long used() {
    return used;
  }

  /** Numbers that {@link #save} writes. */
  static final int STATE = 6;

  void save(long[] state, int at) {
    state[at] = size;
    state[at + 1] = ready ? 1 : 0;
    state[at + 2] = descriptors;
    state[at + 3] = available;
    state[at + 4] = used;
    state[at + 5] = taken;
  }

  void restore(long[] state, int at) {
    setSize((int) state[at]);
    ready = state[at + 1] != 0;
    descriptors = state[at + 2];
    available = state[at + 3];
    used = state[at + 4];
    taken = (int) state[at + 5] & INDEX;
    answered = false;
  }

  void reset() {
    restore(new long[] {MOST, 0, 0, 0, 0, 0}, 0);
  }
}
