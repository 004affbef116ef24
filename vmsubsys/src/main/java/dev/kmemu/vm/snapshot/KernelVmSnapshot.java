package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.vm.KernelVm;

/**
 * A kernel VM and its RAM as they were at one moment, for a VM that no CPU runs on: a test makes
 * one, and goes back to it before each of its cases. With a CPU, the machine's snapshots are to be
 * used, with the VM as one of their parts.
 */
public final class KernelVmSnapshot implements AutoCloseable {

  private final KernelVm vm;
  private final RamImage ram;
  private final KernelVmState state;

  private KernelVmSnapshot(KernelVm vm) {
    this.vm = vm;
    this.state = KernelVmState.capture(vm);
    this.ram = vm.ram().imaging().capture();
  }

  /**
   * Captures {@code vm} and its RAM.
   *
   * @throws dev.kmemu.emulator.snapshot.SnapshotException when the VM isn't at rest, naming the
   *     thread
   */
  public static KernelVmSnapshot of(KernelVm vm) {
    return new KernelVmSnapshot(vm);
  }

  /**
   * Goes back; may be done any number of times.
   *
   * @throws dev.kmemu.emulator.snapshot.SnapshotException when the VM isn't at rest; nothing has
   *     changed then
   */
  public void restore() {
    state.requireRestorable();
    vm.ram().imaging().restore(ram);
    state.restore();
  }

  /** Gives the memory back. Idempotent. */
  @Override
  public void close() {
    ram.close();
  }
}
