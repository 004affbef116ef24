package dev.kmemu.vm.snapshot;

import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.vm.KernelVm;

/**
 * The kernel VM as a part of its machine's snapshots. It must be at rest: no call in progress, and
 * nobody asleep in one.
 */
public final class KernelVmSnapshots implements Snapshotable {

  private final KernelVm vm;

  /** Captures and restores {@code vm}; its page tables and pages' contents are RAM's to keep. */
  public KernelVmSnapshots(KernelVm vm) {
    this.vm = vm;
  }

  /**
   * Throws unless the VM is at rest: no call in progress, and nobody asleep in one.
   *
   * @throws dev.kmemu.emulator.snapshot.SnapshotException naming the thread, and what it does
   */
  public void requireAtRest() {
    Quiescence.require(vm);
  }

  @Override
  public String snapshotName() {
    return "vm";
  }

  @Override
  public int snapshotVersion() {
    return StateFormat.VERSION;
  }

  @Override
  public Captured capture() {
    return KernelVmState.capture(vm);
  }

  @Override
  public Captured read(int version, StateReader in) {
    return StateFormat.read(vm, version, in);
  }
}
