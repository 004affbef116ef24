package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.jspecify.annotations.Nullable;

/**
 * How a run begins and ends, what it does with a breakpoint where it begins, and what a step is.
 * What happens during a run is {@link Hooks}.
 */
final class GuestRuns {

  private static final long NEVER = -1L;
  private static final long TRAP_FLAG = 1L << 8;
  private static final int R11 = 11;

  private final long engine;
  private final GuestEntry entry;
  private final UnicornFrame frame;
  private final InterceptedInstruction decoder;
  private final LinearCode code;
  private final Hooks hooks;
  private final BreakpointExits breakpoints;
  private final BreakpointHits breakpointHits;
  private final GuestBreakpoints guestBreakpoints;
  private final WatchSwitch watches;
  private final CountedInstructions counted;
  private long notYetPassed = NEVER;

  GuestRuns(
      long engine,
      GuestEntry entry,
      UnicornFrame frame,
      InterceptedInstruction decoder,
      LinearCode code,
      Hooks hooks,
      BreakpointExits breakpoints,
      BreakpointHits breakpointHits,
      GuestBreakpoints guestBreakpoints,
      WatchSwitch watches,
      CountedInstructions counted) {
    this.engine = engine;
    this.entry = entry;
    this.frame = frame;
    this.decoder = decoder;
    this.code = code;
    this.hooks = hooks;
    this.breakpoints = breakpoints;
    this.breakpointHits = breakpointHits;
    this.guestBreakpoints = guestBreakpoints;
    this.watches = watches;
    this.counted = counted;
  }

  /** As {@link UnicornEngine#run}. */
  CpuExit run() {
    return passing(frame.linearRip(), true);
  }

  /** As {@link UnicornEngine#continueRun}. */
  CpuExit continueRun() {
    long address = frame.linearRip();
    return passing(address, address == notYetPassed);
  }

  /** Runs, and goes on where a breakpoint is to be passed. */
  private CpuExit passing(long start, boolean passes) {
    CpuExit exit = runFrom(start, passes);
    while (exit == CpuExit.BreakpointHit.INSTANCE && breakpointHits.takesPass()) {
      exit = runFrom(frame.linearRip(), true);
    }
    return exit;
  }

  /**
   * Passes over a breakpoint by a step of its own: a stop from another thread may fall between the
   * breakpoint and its instruction, and after a step it's known whether the instruction was
   * executed. A guest that traces itself needs its trap, and takes the risk.
   */
  private CpuExit runFrom(long address, boolean passes) {
    notYetPassed = NEVER;
    boolean atBreakpoint = passes && breakpoints.contains(address);
    if (counted.isCounting()) {
      return runCounted(address, atBreakpoint);
    }
    boolean tracesItself = tracesItself();
    if (!atBreakpoint || tracesItself) {
      return execute(false, atBreakpoint, tracesItself);
    }
    CpuExit first = step();
    if (first == CpuExit.Stepped.INSTANCE) {
      return execute(false, false, false);
    }
    if (first == CpuExit.Stopped.INSTANCE) {
      notYetPassed = address;
    }
    return first;
  }

  /** Passes over a breakpoint by a run that ends behind it: the count tells whether it has. */
  private CpuExit runCounted(long address, boolean atBreakpoint) {
    if (!atBreakpoint || counted.hidesStops()) {
      return execute(false, false, tracesItself());
    }
    long target = counted.target();
    long from = counted.count();
    counted.stopAt(Math.min(target, from + 1));
    CpuExit first;
    try {
      first = execute(false, true, tracesItself());
    } finally {
      counted.stopAt(target);
    }
    if (first == CpuExit.Stepped.INSTANCE && counted.count() < target) {
      return execute(false, false, tracesItself());
    }
    if (first == CpuExit.Stopped.INSTANCE && counted.count() == from) {
      notYetPassed = address;
    }
    return first;
  }

  private CpuExit stepCounted() {
    long target = counted.target();
    counted.stopAt(counted.count() + 1);
    try {
      return passing(frame.linearRip(), true);
    } finally {
      counted.stopAt(target);
    }
  }

  private boolean tracesItself() {
    return (frame.registers.read(Register.RFLAGS) & TRAP_FLAG) != 0;
  }

  /** As {@link UnicornEngine#step}. */
  CpuExit step() {
    if (counted.isCounting()) {
      return stepCounted();
    }
    boolean guestsOwn = tracesItself();
    if (guestsOwn) {
      return execute(true, true, true);
    }
    frame.registers.write(Register.RFLAGS, frame.registers.read(Register.RFLAGS) | TRAP_FLAG);
    long r11 = frame.general(R11);
    decoder.decode();
    boolean takesFlagsFromR11 = decoder.isSysret();
    if (takesFlagsFromR11) {
      // Behind SYSRET, the engine traces by the TF that it has loaded.
      frame.setGeneral(R11, r11 | TRAP_FLAG);
    }
    try {
      return execute(true, true, false);
    } finally {
      if (takesFlagsFromR11) {
        frame.setGeneral(R11, r11);
      }
      long flags = frame.registers.read(Register.RFLAGS);
      if ((flags & TRAP_FLAG) != 0) {
        frame.registers.write(Register.RFLAGS, flags & ~TRAP_FLAG);
      }
    }
  }

  private CpuExit execute(boolean step, boolean passes, boolean guestTraces) {
    guestBreakpoints.follow();
    boolean traces = step && !guestTraces;
    if (counted.hidesStops()) {
      breakpoints.installNone();
    } else if (traces) {
      breakpoints.installForTrace(frame.linearRip());
    } else if (passes) {
      breakpoints.installBut(frame.linearRip());
    } else {
      breakpoints.install();
    }
    CpuExit ended;
    try {
      do {
        watches.setGuest(guestBreakpoints.watches());
        watches.prepare(step);
        code.beginRun();
        ended = executeOnce(step, guestTraces);
      } while (ended == null);
    } finally {
      long address = frame.linearRip();
      if (breakpointHits.breakOff(address)) {
        notYetPassed = address;
      }
    }
    if (traces && ended != CpuExit.Stepped.INSTANCE) {
      breakpoints.traceEscaped();
    }
    return ended;
  }

  /** Enters the guest once; null means that the library left it without a reason of ours. */
  private @Nullable CpuExit executeOnce(boolean step, boolean guestTraces) {
    int error = UnicornLibrary.UC_ERR_OK;
    boolean started = hooks.begin(step, guestTraces);
    try {
      if (started) {
        error = UnicornLibrary.uc_emu_start(engine, frame.rip(), 0, 0, 0);
        hooks.endRun();
      }
    } finally {
      entry.leave();
    }
    CpuExit reason = hooks.takeExit();
    if (reason != null) {
      return reason;
    }
    if (error == UnicornLibrary.UC_ERR_FETCH_PROT) {
      return hooks.fetchFromOpenBus();
    }
    if (error != UnicornLibrary.UC_ERR_OK) {
      long rip = frame.rip();
      return new CpuExit.EngineFailed(
          String.format("%s at RIP 0x%x", UnicornLibrary.uc_strerror(error), rip), null);
    }
    return null;
  }
}
