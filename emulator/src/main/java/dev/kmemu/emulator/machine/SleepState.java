package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;

/** Whether the CPU has executed HLT and waits for an interrupt, as a part of snapshots. */
final class SleepState implements Snapshotable {

  private final VcpuThread vcpu;

  SleepState(VcpuThread vcpu) {
    this.vcpu = vcpu;
  }

  @Override
  public String snapshotName() {
    return "sleep";
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public Captured capture() {
    return state(vcpu.sleep().isOn());
  }

  @Override
  public Captured read(int version, StateReader in) {
    return state(in.flag());
  }

  private Captured state(boolean asleep) {
    return new Captured() {
      @Override
      public void restore() {
        vcpu.sleep().set(asleep);
      }

      @Override
      public void write(StateWriter out) {
        out.flag(asleep);
      }
    };
  }
}
