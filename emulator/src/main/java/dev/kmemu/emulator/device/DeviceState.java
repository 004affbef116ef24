package dev.kmemu.emulator.device;

import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;

/** The state of a device that is a handful of numbers. */
public abstract class DeviceState implements Snapshotable {

  private final String name;

  /**
   * Names the device.
   *
   * @param name its section of a snapshot, without "device."
   */
  protected DeviceState(String name) {
    this.name = "device." + name;
  }

  /** Returns the state, always of the same length. */
  protected abstract long[] save();

  /** Takes on a state that {@link #save} returned. */
  protected abstract void restore(long[] state);

  @Override
  public final String snapshotName() {
    return name;
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public final Captured capture() {
    return new State(save());
  }

  @Override
  public final Captured read(int version, StateReader in) {
    int length = save().length;
    long[] values = in.longs();
    if (values.length != length) {
      throw new SnapshotException(
          name + " has " + length + " values, the snapshot has " + values.length);
    }
    return new State(values);
  }

  private final class State implements Captured {

    private final long[] values;

    State(long[] values) {
      this.values = values;
    }

    @Override
    public void restore() {
      DeviceState.this.restore(values.clone());
    }

    @Override
    public void write(StateWriter out) {
      out.longs(values);
    }
  }
}
