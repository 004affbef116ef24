package dev.kmemu.emulator.device;

import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import java.util.OptionalInt;

/** Port 0xF4: a write ends the run, and its value says how the guest fared. */
public final class DebugExit implements PortDevice, Snapshotable {

  /** The port. */
  public static final int PORT = 0xF4;

  private volatile OptionalInt value = OptionalInt.empty();

  /** Returns what the guest wrote last, empty when it never did. */
  public OptionalInt value() {
    return value;
  }

  @Override
  public String snapshotName() {
    return "device.debug-exit";
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public Captured capture() {
    return new State(value);
  }

  @Override
  public Captured read(int version, StateReader in) {
    boolean present = in.flag();
    int written = in.int32();
    return new State(present ? OptionalInt.of(written) : OptionalInt.empty());
  }

  private final class State implements Captured {

    private final OptionalInt captured;

    State(OptionalInt captured) {
      this.captured = captured;
    }

    @Override
    public void restore() {
      value = captured;
    }

    @Override
    public void write(StateWriter out) {
      out.flag(captured.isPresent());
      out.int32(captured.orElse(0));
    }
  }

  @Override
  public boolean write(int port, int size, int written) {
    value = OptionalInt.of(written);
    return false;
  }
}
