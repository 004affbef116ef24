package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Goes back to a position, by executing from the checkpoint before it. */
final class BackMotion implements Motion {

  private final History history;
  private final long target;
  private final StopReason reason;
  private final Repetition repetition;
  private boolean restored;

  /**
   * Sets where to go.
   *
   * @param reason what is said there
   */
  BackMotion(History history, long target, StopReason reason) {
    this.history = history;
    this.target = target;
    this.reason = reason;
    this.repetition = new Repetition(history.counter());
  }

  @Override
  public @Nullable StopReason prepare() {
    if (!restored) {
      Checkpoint from = history.origin(target);
      if (from == null) {
        return new StopReason.HistoryEnded();
      }
      history.restore(from);
      restored = true;
    }
    history.counter().stopAt(target);
    return history.counter().count() >= target ? reason : null;
  }

  @Override
  public CpuExit run(CpuEngine cpu) {
    return repetition.runHidden(cpu);
  }

  @Override
  public @Nullable StopReason ended(
      CpuExit exit, Function<CpuExit, @Nullable StopReason> interpreter) {
    return repetition.ended(exit, interpreter);
  }
}
