package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import org.jspecify.annotations.Nullable;

/** How a run ends. The first reason counts, unless the caller of {@link #end} knows better. */
final class RunEnd {

  private final long engine;
  private @Nullable CpuExit exit;
  private @Nullable Throwable failure;
  private boolean running;
  private boolean stopsLibrary = true;

  RunEnd(long engine) {
    this.engine = engine;
  }

  /** Turns to a run that isn't to end yet, and that the library hasn't begun. */
  void begin() {
    exit = null;
    failure = null;
  }

  /** Says whether the library runs. */
  void setRunning(boolean runs) {
    running = runs;
  }

  /** Sets whether the library is stopped now; otherwise whoever said so makes the CPU come out. */
  void setStopsLibrary(boolean stops) {
    stopsLibrary = stops;
  }

  void end(CpuExit reason) {
    exit = reason;
    stopLibrary();
  }

  void fail(Throwable thrown) {
    failure = thrown;
    stopLibrary();
  }

  /** A stop outside a run would end the next one. */
  void stopLibrary() {
    if (running && stopsLibrary) {
      UnicornLibrary.uc_emu_stop(engine);
    }
  }

  /**
   * Whether the run's end is decided. The rest of the basic block may run all the same, and what it
   * raises must neither change the verdict nor be answered: a fault comes again when the CPU goes
   * on.
   */
  boolean isEnding() {
    return exit != null || failure != null;
  }

  boolean isEndedBy(CpuExit reason) {
    return exit == reason;
  }

  /**
   * Returns how the run has ended, null when nothing here ended it.
   *
   * @throws RuntimeException what a handler threw
   */
  @Nullable CpuExit take() {
    running = false;
    Throwable thrown = failure;
    failure = null;
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown != null) {
      throw new IllegalStateException(thrown);
    }
    return exit;
  }
}
