package dev.kmemu.walk;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.AccessKind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The accesses of one run, in guest RAM, and what became of each. */
final class AccessQueue {

  /** What the CPU raised in place of an access. */
  record Fault(int vector, int errorCode, long address, long rip) {}

  private static final int MOST = WalkLayout.SLOTS * 3;

  private final @Nullable Fault[] faults = new @Nullable Fault[MOST];
  private int size;

  int size() {
    return size;
  }

  void clear() {
    Arrays.fill(faults, 0, size, null);
    size = 0;
  }

  /** Adds an access and returns its number. */
  int add(PhysicalMemory ram, long address, AccessKind kind) {
    long at = item(size);
    ram.store64(new PhysicalAddress(at), address);
    ram.store64(new PhysicalAddress(at + 8), WalkMachine.routine(kind));
    ram.store64(new PhysicalAddress(at + 16), 0);
    return size++;
  }

  void fault(int number, int vector, int errorCode, long address, long rip) {
    faults[number] = new Fault(vector, errorCode, address, rip);
  }

  @Nullable Fault fault(int number) {
    return faults[number];
  }

  /** Returns what the access left in RAX: the word read, 1 for a write, what was executed. */
  long result(PhysicalMemory ram, int number) {
    return ram.load64(item(number) + 16);
  }

  /** Returns what a write puts into memory. */
  long written(int number) {
    return item(number);
  }

  private static long item(int number) {
    return WalkLayout.QUEUE + number * WalkLayout.ITEM_BYTES;
  }
}
