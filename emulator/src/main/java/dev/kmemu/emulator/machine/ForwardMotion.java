package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.jspecify.annotations.Nullable;

/** Goes on from here, and leaves checkpoints behind. */
final class ForwardMotion implements Motion {

  private static final long NOWHERE = -1;

  private final History history;
  private final ResumeKind kind;
  private long target = NOWHERE;
  private boolean hasRun;

  ForwardMotion(History history, ResumeKind kind) {
    this.history = history;
    this.kind = kind;
  }

  @Override
  public @Nullable StopReason prepare() {
    long due = history.leaveCheckpoint();
    if (kind == ResumeKind.CONTINUE) {
      history.counter().stopAt(due);
      return null;
    }
    if (target == NOWHERE) {
      target = history.counter().count() + 1;
    }
    history.counter().stopAt(target);
    return history.counter().count() >= target ? new StopReason.Stepped() : null;
  }

  @Override
  public boolean leavesHalts() {
    return kind == ResumeKind.STEP;
  }

  @Override
  public CpuExit run(CpuEngine cpu) {
    boolean first = !hasRun;
    hasRun = true;
    return first ? cpu.run() : cpu.continueRun();
  }
}
