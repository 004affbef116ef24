package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a CPU that runs at full speed into one that watches, and back. All translated code is
 * dropped for it, so nothing is done before a run that needs it.
 */
final class WatchSwitch implements AutoCloseable {

  private final long engine;
  private final CpuExits exits;
  private final GuestEntry entry;
  private final UnicornFrame frame;
  private final PhysicalMemory ram;
  private final Hooks hooks;
  private final CountedInstructions counted;
  private @Nullable Watches watches;

  WatchSwitch(
      long engine,
      CpuExits exits,
      GuestEntry entry,
      UnicornFrame frame,
      PhysicalMemory ram,
      Hooks hooks,
      CountedInstructions counted) {
    this.engine = engine;
    this.exits = exits;
    this.entry = entry;
    this.frame = frame;
    this.ram = ram;
    this.hooks = hooks;
    this.counted = counted;
  }

  /** Returns how many watches there can be, 0 when the host or the library allows none. */
  int capacity() {
    try {
      make();
      return WatchHooks.CAPACITY;
    } catch (UnicornException e) {
      return 0;
    }
  }

  void set(List<MemoryWatch> watched) {
    if (!watched.isEmpty() || watches != null) {
      make().set(watched);
    }
  }

  /** Sets what the guest itself wants to hear of, as far as the host and the library allow it. */
  void setGuest(@Nullable MemoryWatch[] watched) {
    if (watches != null || Arrays.stream(watched).anyMatch(Objects::nonNull)) {
      try {
        make().setGuest(watched);
      } catch (UnicornException e) {
        // A guest's breakpoint on data raises nothing then, as without this.
      }
    }
  }

  /**
   * Makes the next run watch, or not. A debugger may take its watches out for a step: translated
   * code is kept for that.
   */
  void prepare(boolean step) {
    Watches made = watches;
    if (made == null) {
      return;
    }
    made.setHidden(counted.hidesStops());
    if (made.isInstalled() == !made.isEmpty()) {
      return;
    }
    if (!made.isEmpty()) {
      made.hooks().install(counted);
      exits.leaveCounterToWatches(true);
      TranslatedCode.dropAll(engine, ram);
    } else if (!step) {
      remove(made.hooks()::remove);
      exits.leaveCounterToWatches(counted.isCounting());
      TranslatedCode.dropAll(engine, ram);
      runNothing();
    }
  }

  /** Turns the counting of instructions on or off; what is watched is watched anew afterwards. */
  void turn(InstructionHook hook, BlockMeter meter, boolean on) {
    if (watches != null && watches.isInstalled()) {
      remove(watches.hooks()::remove);
      exits.leaveCounterToWatches(false);
      TranslatedCode.dropAll(engine, ram);
      runNothing();
    }
    if (on) {
      hook.install();
    } else {
      remove(hook::remove);
    }
    meter.setSilent(on);
    exits.leaveCounterToWatches(on);
    TranslatedCode.dropAll(engine, ram);
    if (!on) {
      runNothing();
    }
  }

  /**
   * Removes hooks. The library looks for the code that calls them by fetches of this moment, and
   * leaves the page faults of these behind.
   */
  private void remove(Runnable removal) {
    long cr2 = frame.cr2();
    int errorCode = frame.pendingErrorCode();
    removal.run();
    frame.forgetException();
    frame.setCr2(cr2);
    frame.setErrorCode(errorCode);
  }

  /** Makes the library forget removed hooks, which it does at the end of a run. */
  private void runNothing() {
    hooks.beginNothing();
    try {
      UnicornLibrary.uc_emu_start(engine, frame.rip(), 0, 0, 0);
      hooks.endRun();
    } finally {
      entry.leave();
      hooks.takeExit();
    }
  }

  private Watches make() {
    Watches made = watches;
    if (made == null) {
      made = new Watches(engine, exits, frame, ram);
      hooks.setWatches(made);
      watches = made;
    }
    return made;
  }

  @Override
  public void close() {
    if (watches != null) {
      watches.close();
    }
  }
}
