package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.StopReason;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the last breakpoint or watchpoint before here: in the time just before first, then in
 * longer and longer times before that. Each is executed from its checkpoint, without stops up to
 * where it begins.
 */
final class BackSearch implements Motion {

  private static final long FIRST_WINDOW = 1024;
  private static final int GROWTH = 16;

  /** Longer than any time between two checkpoints, at which each window ends anyway. */
  private static final long LONGEST_WINDOW = 1L << 48;

  private enum Phase {
    CHOOSE,
    APPROACH,
    SCAN,
    RETURN
  }

  private final History history;
  private final Repetition repetition;
  private Phase phase = Phase.CHOOSE;
  private long window = FIRST_WINDOW;
  private long from;
  private long until;
  private boolean passes;
  private long hitPosition;
  private @Nullable StopReason hit;
  private @Nullable BackMotion way;

  /** Starts to look before {@code until}. */
  BackSearch(History history, long until) {
    this.history = history;
    this.until = until;
    this.repetition = new Repetition(history.counter());
  }

  @Override
  public @Nullable StopReason prepare() {
    if (phase == Phase.SCAN && history.counter().count() >= until) {
      endScan();
    }
    if (phase == Phase.CHOOSE) {
      choose();
    }
    if (phase == Phase.APPROACH && history.counter().count() >= from) {
      phase = Phase.SCAN;
      passes = false;
      hit = null;
    }
    BackMotion found = way;
    if (found != null) {
      return found.prepare();
    }
    history.counter().stopAt(phase == Phase.SCAN ? until : from);
    return null;
  }

  private void choose() {
    Checkpoint base = history.before(until);
    if (base == null) {
      goTo(history.beginning(), new StopReason.HistoryEnded());
      return;
    }
    from = Math.max(base.position(), until - window);
    window = Math.min(window * GROWTH, LONGEST_WINDOW);
    history.restore(base);
    phase = Phase.APPROACH;
  }

  private void endScan() {
    StopReason last = hit;
    if (last != null) {
      goTo(hitPosition, last);
    } else {
      until = from;
      phase = Phase.CHOOSE;
    }
  }

  private void goTo(long position, StopReason reason) {
    way = new BackMotion(history, position, reason);
    phase = Phase.RETURN;
  }

  @Override
  public CpuExit run(CpuEngine cpu) {
    BackMotion found = way;
    if (found != null) {
      return found.run(cpu);
    }
    return phase == Phase.SCAN ? repetition.run(cpu, passes) : repetition.runHidden(cpu);
  }

  @Override
  public @Nullable StopReason ended(
      CpuExit exit, Function<CpuExit, @Nullable StopReason> interpreter) {
    BackMotion found = way;
    if (found != null) {
      return found.ended(exit, interpreter);
    }
    passes = exit == CpuExit.BreakpointHit.INSTANCE;
    long now = history.counter().count();
    if (passes) {
      note(now, interpreter.apply(exit));
      return null;
    }
    if (exit instanceof CpuExit.WatchHit) {
      // A debugger that goes back wants to see the bytes as they were before their use.
      note(now - 1, interpreter.apply(exit));
      return null;
    }
    return repetition.ended(exit, interpreter);
  }

  private void note(long position, @Nullable StopReason reason) {
    if (position < until) {
      hitPosition = position;
      hit = reason;
    }
  }
}
