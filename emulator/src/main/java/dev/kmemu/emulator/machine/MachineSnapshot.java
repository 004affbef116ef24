package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuSnapshot;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import java.util.SortedMap;

/**
 * A machine as it was at one moment, in memory. Belongs to the machine it was taken from or read
 * for, which can go back to it any number of times. It takes as much memory as the guest's pages
 * that aren't zero.
 */
public final class MachineSnapshot implements AutoCloseable {

  private final MachineSnapshots owner;
  private final RamImage ram;
  private final CpuSnapshot cpu;
  private final SortedMap<String, Snapshotable.Captured> parts;
  private final long bytes;
  private volatile boolean closed;

  MachineSnapshot(
      MachineSnapshots owner,
      RamImage ram,
      CpuSnapshot cpu,
      SortedMap<String, Snapshotable.Captured> parts) {
    this.owner = owner;
    this.ram = ram;
    this.cpu = cpu;
    this.parts = parts;
    long held = 0;
    for (long page = ram.nextPage(0); page >= 0; page = ram.nextPage(page + 1)) {
      held += VirtualAddress.PAGE_SIZE;
    }
    this.bytes = held;
  }

  /**
   * Asks all parts whether they can be restored.
   *
   * @throws SnapshotException when one can't
   */
  void requireRestorable() {
    parts.values().forEach(Snapshotable.Captured::requireRestorable);
  }

  boolean isOf(MachineSnapshots machine) {
    return owner == machine;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the snapshot is closed");
    }
  }

  RamImage ram() {
    requireOpen();
    return ram;
  }

  CpuSnapshot cpu() {
    return cpu;
  }

  SortedMap<String, Snapshotable.Captured> parts() {
    return parts;
  }

  /** Returns how much of the guest's RAM it holds. */
  long bytes() {
    return bytes;
  }

  /** Gives the memory back; nobody may be using the snapshot. Idempotent. */
  @Override
  public void close() {
    closed = true;
    ram.close();
  }
}
