package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.ReverseExecution;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.DeviceState;
import dev.kmemu.emulator.device.InterruptLine;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.TimeMode;
import java.util.ArrayList;
import java.util.List;

/** A guest with counted time, and the debugger that moves it forward and back. */
final class ReversedProgram implements AutoCloseable {

  /** Checkpoints lie closer together than usual, so that a test comes across several. */
  static final HistoryLimits LIMITS = new HistoryLimits(6, 1 << 30, 1000);

  final InterruptedGuest interrupted;
  final GuestProgram guest;
  final Machine machine;

  ReversedProgram(String hex) {
    this(hex, LIMITS);
  }

  ReversedProgram(String hex, HistoryLimits limits) {
    interrupted =
        new InterruptedGuest(
            hex, MachineOptions.standard().withTime(TimeMode.INSTRUCTIONS).withHistory(limits));
    guest = interrupted.guest;
    machine = guest.machine;
  }

  /** Raises {@link InterruptedGuest#VECTOR} every {@code nanos}, about as many instructions. */
  ReversedProgram withTicks(long nanos) {
    Ticker ticker = new Ticker(machine.timers(), interrupted.line, nanos);
    machine.addSnapshotPart(ticker);
    return this;
  }

  ReversedProgram attach() {
    machine.debugTarget().attach(guest);
    return this;
  }

  StopReason go(ResumeKind kind) {
    machine.debugTarget().resume(kind);
    return guest.nextStop();
  }

  StopReason back(ResumeKind kind) {
    ReverseExecution reverse = machine.debugTarget().reverseExecution().orElseThrow();
    reverse.resumeBackwards(kind);
    return guest.nextStop();
  }

  String hash() {
    return machine.stateHash();
  }

  /** Steps forward, and returns the states, the one before the first step included. */
  List<String> record(int steps) {
    List<String> states = new ArrayList<>();
    states.add(hash());
    for (int i = 0; i < steps; i++) {
      go(ResumeKind.STEP);
      states.add(hash());
    }
    return states;
  }

  @Override
  public void close() {
    interrupted.close();
  }

  private static final class Ticker extends DeviceState {

    private static final int UP = 1;

    private final InterruptLine line;
    private final GuestTimers.Timer timer;

    Ticker(GuestTimers timers, InterruptLine line, long nanos) {
      super("ticker");
      this.line = line;
      List<GuestTimers.Timer> self = new ArrayList<>();
      timer =
          timers.create(
              () -> {
                self.get(0).set(timers.now() + nanos);
                line.raise(InterruptedGuest.VECTOR);
              });
      self.add(timer);
      timer.set(nanos);
    }

    @Override
    protected long[] save() {
      return new long[] {timer.deadline(), line.isPending() ? UP : 0};
    }

    @Override
    protected void restore(long[] state) {
      timer.set(state[0]);
      line.lower();
      if (state[1] == UP) {
        line.raise(InterruptedGuest.VECTOR);
      }
    }
  }
}
