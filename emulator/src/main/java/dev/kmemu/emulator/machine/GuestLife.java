package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.DebugExit;
import dev.kmemu.emulator.device.PowerSwitch;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.WallClock;
import dev.kmemu.emulator.trap.TrapRouter;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What becomes of a guest when a run ends: it goes on, sleeps until it is woken, or has ended. */
final class GuestLife implements CpuOwner {

  private static final long RFLAGS_IF = 1L << 9;

  private final VcpuThread vcpu;
  private final TrapRouter traps;
  private final MachineInterrupts interrupts;
  private final GuestTimers timers;
  private final WallClock wallClock;
  private final PowerSwitch power;
  private final DebugExit debugExit;
  private final MachineDebugTarget debugTarget;
  private final BooleanSupplier repeating;
  private volatile CompletableFuture<GuestOutcome> outcome = new CompletableFuture<>();
  private volatile boolean endsWithGuest;
  private @Nullable GuestOutcome ending;
  private long haltedAt;

  /**
   * Begins the life of a guest that hasn't run.
   *
   * @param repeating tells whether the CPU executes what it has executed before, which has no
   *     outcome again
   */
  GuestLife(
      VcpuThread vcpu,
      TrapRouter traps,
      MachineInterrupts interrupts,
      GuestTimers timers,
      WallClock wallClock,
      PowerSwitch power,
      DebugExit debugExit,
      MachineDebugTarget debugTarget,
      BooleanSupplier repeating) {
    this.vcpu = vcpu;
    this.traps = traps;
    this.interrupts = interrupts;
    this.timers = timers;
    this.wallClock = wallClock;
    this.power = power;
    this.debugExit = debugExit;
    this.debugTarget = debugTarget;
    this.repeating = repeating;
  }

  /** Returns how the guest ended, once it has. */
  CompletableFuture<GuestOutcome> outcome() {
    return outcome.copy();
  }

  /** Ends it for good, unless it has ended by itself. */
  void kill() {
    outcome.complete(new GuestOutcome.Killed());
  }

  /** Lets it live again where a snapshot has taken it. On the CPU's thread. */
  void wasRestored() {
    haltedAt = rip().value();
    if (outcome.isDone()) {
      outcome = new CompletableFuture<>();
    }
  }

  /** Sets whether a debugger is told that the guest has exited. */
  void setEndsWithGuest(boolean ends) {
    endsWithGuest = ends;
  }

  @Override
  public @Nullable StopReason interpret(CpuExit exit) {
    if (exit == CpuExit.Stopped.INSTANCE) {
      return null;
    }
    if (exit == CpuExit.Stepped.INSTANCE) {
      return new StopReason.Stepped();
    }
    if (exit == CpuExit.BreakpointHit.INSTANCE) {
      return new StopReason.Breakpoint(rip());
    }
    if (exit instanceof CpuExit.WatchHit hit) {
      return debugTarget.reason(hit);
    }
    if (exit == CpuExit.Halted.INSTANCE) {
      boolean waits = canBeWoken();
      if (waits && vcpu.isStepping()) {
        return new StopReason.Stepped();
      }
      haltedAt = rip().value();
      vcpu.sleep().set(true);
      if (waits) {
        return null;
      }
    }
    boolean mayCrash = exit == CpuExit.HandlerEnded.INSTANCE;
    GuestOutcome end =
        GuestEnd.outcome(
            exit,
            mayCrash ? traps.takeCrash() : null,
            vcpu.engine().registers().read(Register.IDTR_LIMIT),
            power.take(),
            debugExit.value());
    ending = repeating.getAsBoolean() ? null : end;
    return GuestEnd.stop(end, endsWithGuest);
  }

  private boolean canBeWoken() {
    boolean enabled = (vcpu.engine().registers().read(Register.RFLAGS) & RFLAGS_IF) != 0;
    return interrupts.isConnected() && enabled;
  }

  /** The outcome is told when the CPU counts as paused, so that who hears of it can look at it. */
  @Override
  public Consumer<StopReason> observer() {
    Consumer<StopReason> debugger = debugTarget.observer();
    wallClock.pause();
    GuestOutcome ended = ending;
    ending = null;
    return reason -> {
      if (ended != null) {
        outcome.complete(ended);
      }
      debugger.accept(reason);
    };
  }

  /**
   * Whether a halted CPU has something to do; lets time jump to it where time can. One that a
   * debugger sends elsewhere doesn't stand at its HLT any more.
   */
  @Override
  public boolean isAwake() {
    if (rip().value() != haltedAt) {
      return true;
    }
    if (interrupts.isPending() || interrupts.isNmiPending()) {
      return true;
    }
    if (timers.skipToDeadline()) {
      vcpu.wake(); // To look again, unless a pause or a task comes first.
    }
    return false;
  }

  @Override
  public boolean sleepsForGood() {
    return rip().value() == haltedAt && !canBeWoken() && !interrupts.isNmiPending();
  }

  @Override
  public void resumed() {
    wallClock.resume();
    timers.clockGoes();
  }

  private VirtualAddress rip() {
    return new VirtualAddress(vcpu.engine().state().linearRip());
  }
}
