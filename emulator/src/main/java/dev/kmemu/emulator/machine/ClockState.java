package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.model.StandardProcessor;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.emulator.time.GuestClock;
import dev.kmemu.emulator.time.InstructionClock;
import dev.kmemu.emulator.time.WallClock;

/**
 * Guest time as a part of snapshots. It is restored before all devices, whose timers go by it:
 * parts are restored in the order of their names.
 */
final class ClockState implements Snapshotable {

  static final String NAME = "clock";

  private final GuestClock clock;
  private final StandardProcessor processor;

  ClockState(GuestClock clock, StandardProcessor processor) {
    this.clock = clock;
    this.processor = processor;
  }

  @Override
  public String snapshotName() {
    return NAME;
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public Captured capture() {
    int remainder = clock instanceof InstructionClock virtual ? virtual.remainder() : 0;
    return new State(clock.nanos(), remainder, processor.timeStampOffset());
  }

  @Override
  public Captured read(int version, StateReader in) {
    return new State(in.int64(), in.int32(0, 3), in.int64());
  }

  private final class State implements Captured {

    private final long nanos;
    private final int remainder;
    private final long timeStampOffset;

    State(long nanos, int remainder, long timeStampOffset) {
      this.nanos = nanos;
      this.remainder = remainder;
      this.timeStampOffset = timeStampOffset;
    }

    @Override
    public void restore() {
      if (clock instanceof InstructionClock virtual) {
        virtual.set(nanos, remainder);
      } else if (clock instanceof WallClock wall) {
        wall.set(nanos);
      }
      processor.setTimeStampOffset(timeStampOffset);
    }

    @Override
    public void write(StateWriter out) {
      out.int64(nanos);
      out.int32(remainder);
      out.int64(timeStampOffset);
    }
  }
}
