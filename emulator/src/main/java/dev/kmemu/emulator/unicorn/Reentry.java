package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptSource;
import org.jspecify.annotations.Nullable;

/** The way back to the guest: what other threads want, and interrupts, come first. */
final class Reentry {

  private final GuestEntry entry;
  private final UnicornTlb tlb;
  private final UnicornFrame frame;
  private final Interrupts interrupts;
  private final RunEnd run;
  private final TrapFlag trapFlag;
  private final CountedInstructions counted;
  private @Nullable Watches watches;

  Reentry(
      GuestEntry entry,
      UnicornTlb tlb,
      UnicornFrame frame,
      RunEnd run,
      TrapFlag trapFlag,
      CountedInstructions counted) {
    this.entry = entry;
    this.tlb = tlb;
    this.frame = frame;
    this.run = run;
    this.trapFlag = trapFlag;
    this.counted = counted;
    this.interrupts = new Interrupts(frame);
  }

  void setWatches(Watches watches) {
    this.watches = watches;
  }

  void setInterruptSource(InterruptSource source) {
    interrupts.setSource(source);
  }

  /** Leaves a basic block in its middle, where the library can't be stopped while it watches. */
  void leaveBlock() {
    entry.leave();
    run.setStopsLibrary(!isWatching());
  }

  /** Goes back into the middle of a basic block: whatever is wanted comes at its end. */
  void reenterBlock() {
    run.setStopsLibrary(true);
    entry.enter();
    if (entry.takeFlush()) {
      tlb.flushNow();
    }
    if (run.isEnding() ? isWatching() : entry.hasWishes()) {
      entry.comeOut();
    }
  }

  /**
   * Goes back from a place where the CPU's state is whole. A wish that comes meanwhile may find its
   * way out closed by what this asks for: so wishes are looked at last.
   *
   * @param answer answers the exception that the frame has been turned to
   */
  void reenter(Runnable answer) {
    entry.enter();
    try {
      do {
        boolean switched = frame.takeTaskSwitch();
        if (entry.takeFlush() || switched) {
          tlb.flushNow();
        }
        if (!run.isEnding() && entry.isStopWanted()) {
          entry.clearStop();
          run.end(CpuExit.Stopped.INSTANCE);
        }
        endWhereReached();
        if (run.isEnding()) {
          // The library serves a waiting request first, and would never come to its own end.
          entry.comeOutOnlyFor(0);
          return;
        }
        entry.takeLook();
        boolean traces = trapFlag.isStepping() || trapFlag.isPassing();
        int windows = traces ? 0 : takeInterrupts(answer);
        entry.comeOutOnlyFor(run.isEnding() ? 0 : windows);
      } while (entry.hasWishes());
    } catch (Throwable e) {
      run.fail(e);
    }
  }

  /** Returns the windows to wait for. A debugger's step shows the program, not what interrupts. */
  private int takeInterrupts(Runnable answer) {
    while (!run.isEnding() && interrupts.begin()) {
      answer.run();
      counted.delivered();
      endWhereReached();
    }
    if (frame.takeTaskSwitch()) {
      tlb.flushNow();
    }
    return interrupts.windows();
  }

  private void endWhereReached() {
    if (!run.isEnding() && counted.isReached()) {
      run.end(CpuExit.Stepped.INSTANCE);
    }
  }

  /** Whether code stands before each instruction that leaves the block when it is asked to. */
  private boolean isWatching() {
    return counted.isCounting() || (watches != null && watches.isInstalled());
  }
}
