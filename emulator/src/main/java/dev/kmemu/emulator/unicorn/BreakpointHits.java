package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import java.util.function.LongPredicate;

/**
 * Decides what a run does that comes to a breakpoint. When the one who is asked says that it isn't
 * to end there, the instruction is traced by TF, in whose translation there is no exit, and the run
 * goes on behind it, without having left the library.
 */
final class BreakpointHits {

  private final BreakpointExits exits;
  private final InterceptedInstruction decoder;
  private final TrapFlag trapFlag;
  private final RunEnd run;
  private final CountedInstructions counted;
  private LongPredicate ends = address -> true;
  private boolean wantsPass;
  private long passing;
  private boolean hidesExits;

  BreakpointHits(
      BreakpointExits exits,
      InterceptedInstruction decoder,
      TrapFlag trapFlag,
      RunEnd run,
      CountedInstructions counted) {
    this.exits = exits;
    this.decoder = decoder;
    this.trapFlag = trapFlag;
    this.run = run;
    this.counted = counted;
  }

  void setFilter(LongPredicate filter) {
    ends = filter;
  }

  /** Takes the breakpoint at RIP, if there is one that this run ends at or passes. */
  boolean take(long address) {
    if (!exits.isInstalled(address)) {
      return false;
    }
    if (trapFlag.isPassing() && address == passing) {
      // The trace was translated while the exit was there.
      exits.installForTrace(address);
      exits.drop(address);
      hidesExits = true;
    } else if (ends.test(address)) {
      run.end(CpuExit.BreakpointHit.INSTANCE);
    } else {
      pass(address);
    }
    return true;
  }

  private void pass(long address) {
    passing = address;
    decoder.decode();
    if (counted.isCounting() || trapFlag.isGuests() || decoder.isSystemCall() || decoder.isHalt()) {
      wantsPass = true;
      run.end(CpuExit.BreakpointHit.INSTANCE);
    } else {
      trapFlag.beginPass();
    }
  }

  /** The instruction has been passed over, or the guest has gone elsewhere from it. */
  void passed() {
    trapFlag.endPass();
    if (hidesExits) {
      hidesExits = false;
      exits.install();
    }
  }

  /** Ends a pass with the run; whether it hasn't got over the instruction at {@code address}. */
  boolean breakOff(long address) {
    if (!trapFlag.isPassing()) {
      return false;
    }
    trapFlag.takeBack();
    passed();
    return address == passing;
  }

  /** Tells once whether a run that ended at a breakpoint is to pass it instead. */
  boolean takesPass() {
    boolean passes = wantsPass;
    wantsPass = false;
    return passes;
  }
}
