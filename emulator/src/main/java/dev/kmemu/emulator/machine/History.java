package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.InstructionCounter;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.ReverseExecution;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.snapshot.SnapshotException;
import org.jspecify.annotations.Nullable;

/**
 * How a machine that goes by counted time came where it is, as long as a debugger is attached. A
 * position is a count of instructions; the machine gets to it by executing from a checkpoint before
 * it, which leads to the same state every time.
 *
 * <p>What a debugger changes while the CPU is paused is a checkpoint of its own: the times before
 * and behind it stay. When something outside changes a machine that may be running, nobody knows
 * between which instructions that was: history begins anew.
 */
final class History implements ReverseExecution {

  /** How much sooner than usual a checkpoint is tried again that couldn't be taken. */
  private static final int RETRIES = 64;

  private final VcpuThread vcpu;
  private final MachineSnapshots snapshots;
  private final InstructionCounter counter;
  private final HistoryLimits limits;
  private final Checkpoints checkpoints;
  private volatile boolean active;
  private volatile boolean disturbed;
  private volatile boolean changed;
  private volatile boolean repeating;
  private boolean restoring;
  private boolean unwritten;
  private boolean afterChange;
  private long retryAt;

  History(
      VcpuThread vcpu,
      MachineSnapshots snapshots,
      InstructionCounter counter,
      HistoryLimits limits) {
    this.vcpu = vcpu;
    this.snapshots = snapshots;
    this.counter = counter;
    this.limits = limits;
    this.checkpoints = new Checkpoints(limits);
  }

  /** Begins with the machine as it is, on the CPU's thread. */
  void begin() {
    counter.setCounting(true);
    active = true;
    startAnew();
    leaveCheckpoint();
  }

  /** Forgets everything, on the CPU's thread; the machine runs as if there had been nothing. */
  void end() {
    active = false;
    repeating = false;
    checkpoints.forgetFrom(Long.MIN_VALUE);
    counter.setCounting(false);
  }

  /** Whether there is a debugger that may go back. */
  boolean isActive() {
    return active;
  }

  /** Whether the CPU executes what it has executed before, on the way back. From any thread. */
  boolean isRepeating() {
    return repeating;
  }

  /** Says that the debugger has changed a paused machine. */
  void change() {
    changed = true;
  }

  /** Says that something outside has changed the machine, at a moment that nobody knows. */
  void disturb() {
    if (active) {
      disturbed = true;
      vcpu.engine().requestStop();
    }
  }

  /** Whether {@link #disturb} waits for a checkpoint. */
  boolean isDisturbed() {
    return disturbed;
  }

  /** Says that the machine was taken to a snapshot, on the CPU's thread. */
  void wasRestored() {
    if (!restoring) {
      disturbed = true;
    }
  }

  /** Returns how to go on. */
  Motion forward(ResumeKind kind) {
    return new ForwardMotion(this, kind);
  }

  @Override
  public void resumeBackwards(ResumeKind kind) {
    Motion way = vcpu.callHere(cpu -> backwards(kind));
    vcpu.resume(way);
  }

  private Motion backwards(ResumeKind kind) {
    vcpu.requirePaused();
    forgetWhatIsPast();
    long now = counter.count();
    Checkpoint last = checkpoints.before(now);
    if (last != null) {
      requireRestorable(last);
    }
    return kind == ResumeKind.CONTINUE
        ? new BackSearch(this, now)
        : new BackMotion(this, now - 1, new StopReason.Stepped());
  }

  private static void requireRestorable(Checkpoint checkpoint) {
    try {
      checkpoint.snapshot().requireRestorable();
    } catch (SnapshotException e) {
      throw new IllegalStateException("can't go back now: " + e.getMessage(), e);
    }
  }

  InstructionCounter counter() {
    return counter;
  }

  /** Returns the last checkpoint before {@code position}. */
  @Nullable Checkpoint before(long position) {
    return checkpoints.before(position);
  }

  /**
   * Returns the checkpoint from which to get to {@code position}: one there only where it must be,
   * because a CPU that sleeps may have been just about to wake up when it was taken.
   */
  @Nullable Checkpoint origin(long position) {
    Checkpoint last = checkpoints.before(position + 1);
    if (last == null || last.position() < position || last.afterChange()) {
      return last;
    }
    Checkpoint earlier = checkpoints.before(position);
    return earlier == null ? last : earlier;
  }

  /** Forgets everything, when the CPU is gone. */
  void close() {
    active = false;
    checkpoints.forgetFrom(Long.MIN_VALUE);
  }

  /** Returns the first position, or this one when nothing is remembered. */
  long beginning() {
    Checkpoint first = checkpoints.first();
    return first == null ? counter.count() : first.position();
  }

  /** Goes to a checkpoint; from there the CPU repeats. */
  void restore(Checkpoint checkpoint) {
    restoring = true;
    try {
      snapshots.restore(checkpoint.snapshot());
    } finally {
      restoring = false;
    }
    counter.setCount(checkpoint.position());
    repeating = true;
    changed = false;
  }

  /** Takes a checkpoint where one is due, and returns where the next one is. */
  long leaveCheckpoint() {
    repeating = false;
    forgetWhatIsPast();
    long now = counter.count();
    checkpoints.forgetChangesAfter(now);
    if (changed) {
      changed = false;
      checkpoints.forgetFrom(now);
      unwritten = true;
      afterChange = true;
    }
    if (now >= due()) {
      take(now);
    }
    return due();
  }

  private long due() {
    Checkpoint last = checkpoints.last();
    if (unwritten || last == null) {
      return retryAt;
    }
    return Math.max(retryAt, last.position() + limits.interval());
  }

  /** A part of the machine may be in the middle of something: later is time enough. */
  private void take(long now) {
    try {
      checkpoints.add(new Checkpoint(now, snapshots.capture(), afterChange));
      unwritten = false;
      afterChange = false;
      retryAt = Long.MIN_VALUE;
      // What the TLB holds isn't part of a snapshot: the guest mustn't be able to tell.
      vcpu.engine().tlb().invalidateAll();
    } catch (SnapshotException e) {
      if (unwritten) {
        checkpoints.forgetFrom(Long.MIN_VALUE);
      }
      retryAt = now + limits.interval() / RETRIES;
    }
  }

  private void forgetWhatIsPast() {
    if (disturbed) {
      startAnew();
    }
  }

  private void startAnew() {
    disturbed = false;
    changed = false;
    checkpoints.forgetFrom(Long.MIN_VALUE);
    unwritten = true;
    afterChange = false;
    retryAt = Long.MIN_VALUE;
  }
}
