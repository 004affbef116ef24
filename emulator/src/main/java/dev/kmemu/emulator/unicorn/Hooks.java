package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapHandler;
import org.jspecify.annotations.Nullable;

/**
 * What happens while guest code runs: exceptions, intercepts, system calls.
 *
 * <p>Unicorn never clears the exception it is handling, so that the second page fault would arrive
 * as a double fault: each exception is marked as done in the CPU's state.
 */
final class Hooks {

  private final GuestEntry entry;
  private final UnicornFrame frame;
  private final BreakpointExits breakpoints;
  private final BreakpointHits breakpointHits;
  private final ModelInstructions instructions;
  private final Reentry reentry;
  private final RunEnd run;
  private final TrapFlag trapFlag;
  private final CountedInstructions counted;
  private final RestartedInstruction restarted;

  private TrapHandler trapHandler = frame -> TrapAction.END;
  private final Runnable answering = this::answer;
  private @Nullable Watches watches;
  private @Nullable GuestBreakpoints guestBreakpoints;
  private final EmptyBlockFault emptyBlockFault;
  private boolean leavesPageFaults;

  Hooks(
      GuestEntry entry,
      UnicornFrame frame,
      InterceptedInstruction decoder,
      BreakpointExits breakpoints,
      BreakpointHits breakpointHits,
      RunEnd run,
      TrapFlag trapFlag,
      Reentry reentry,
      CountedInstructions counted,
      RestartedInstruction restarted) {
    this.entry = entry;
    this.frame = frame;
    this.breakpoints = breakpoints;
    this.breakpointHits = breakpointHits;
    this.run = run;
    this.trapFlag = trapFlag;
    this.reentry = reentry;
    this.counted = counted;
    this.restarted = restarted;
    this.emptyBlockFault = new EmptyBlockFault(frame, breakpoints);
    this.instructions = new ModelInstructions(frame, decoder);
  }

  void setTrapHandler(TrapHandler handler) {
    trapHandler = handler;
  }

  void setProcessor(Processor processor) {
    instructions.setProcessor(processor);
  }

  /** Sets whether a page fault ends the run instead of being answered. */
  void setLeavesPageFaults(boolean leaves) {
    leavesPageFaults = leaves;
  }

  void setWatches(Watches watches) {
    this.watches = watches;
    reentry.setWatches(watches);
  }

  void setGuestBreakpoints(GuestBreakpoints breakpoints) {
    guestBreakpoints = breakpoints;
  }

  /**
   * Announces a run; false when it mustn't enter the guest now.
   *
   * @param step whether it is to end after one instruction, for which TF is set
   * @param guestTraces whether TF is the guest's own, which hears of each instruction then
   */
  boolean begin(boolean step, boolean guestTraces) {
    run.begin();
    run.setStopsLibrary(true);
    trapFlag.begin(step, guestTraces);
    if (watches != null) {
      watches.forget();
    }
    reentry.reenter(answering);
    boolean enters = !run.isEnding();
    run.setRunning(enters);
    if (enters) {
      frame.flagsToEntry();
      emptyBlockFault.remember();
    }
    return enters;
  }

  /** Announces a run that ends before its first instruction. */
  void beginNothing() {
    run.begin();
    run.end(CpuExit.Stopped.INSTANCE);
    run.setRunning(true);
    entry.comeOut();
  }

  /** Says that the library has come back from a run. */
  void endRun() {
    emptyBlockFault.endRun();
  }

  /**
   * Returns how the run has ended, null when nothing here ended it.
   *
   * @throws RuntimeException what a handler threw
   */
  @Nullable CpuExit takeExit() {
    return run.take();
  }

  /**
   * Goes on where the library found an instruction outside RAM. Nobody drives the bus there, so its
   * bytes are all ones, which is no instruction.
   */
  @Nullable CpuExit fetchFromOpenBus() {
    frame.forgetException();
    try {
      if (!endsForWatch(true) && !endsBeforeUncounted(false)) {
        counted.answered(raise(TrapFrame.INVALID_OPCODE), false);
      }
    } catch (Throwable e) {
      run.fail(e);
    }
    return takeExit();
  }

  void onInterrupt(long uc, int vector, long user) {
    if (vector >= Intercept.FIRST) {
      onIntercept(vector);
    } else if (vector != TrapFrame.INVALID_OPCODE) {
      onException(vector);
    }
  }

  /** The library calls this first for #UD, and {@link #onInterrupt} once more for the same one. */
  byte onInvalidInstruction(long uc, long user) {
    onException(TrapFrame.INVALID_OPCODE);
    return 1;
  }

  void onSyscall(long uc, long user) {
    onSystemCall(false);
  }

  void onSysenter(long uc, long user) {
    onSystemCall(true);
  }

  /** The library puts RIP behind the instruction when the hook returns, wherever RIP is then. */
  private void onSystemCall(boolean sysenter) {
    reentry.leaveBlock();
    try {
      int length = instructions.length();
      if (!run.isEnding()) {
        if (sysenter) {
          sysenter();
        } else {
          complete(instructions.syscall());
        }
      }
      frame.setRip(frame.rip() - length);
    } catch (Throwable e) {
      run.fail(e);
    }
    reentry.reenterBlock();
  }

  /** Behind SYSENTER, and not SYSCALL, the library raises the trap of TF by itself. */
  private void sysenter() {
    boolean trapFollows = trapFlag.isGuests();
    trapFlag.rememberDr6();
    Completion completion = instructions.sysenter();
    if (!trapFollows || completion != Completion.DONE) {
      if (trapFollows) {
        trapFlag.ignoreNext();
      }
      complete(completion);
    }
  }

  private void onException(int vector) {
    entry.leave();
    frame.forgetException();
    if (trapFlag.takeIgnored(vector == TrapFrame.DEBUG)) {
      reenter();
      return;
    }
    boolean begun = vector != TrapFrame.DEBUG && counted.hasBegun(frame.linearRip());
    if (run.isEnding()) {
      run.stopLibrary();
      takeBack(begun);
    } else {
      try {
        if (vector == TrapFrame.DEBUG) {
          trap();
        } else if (vector == TrapFrame.PAGE_FAULT && emptyBlockFault.undo()) {
          takeBack(begun);
          breakpointHits.take(frame.linearRip());
        } else if (leavesPageFaults && vector == TrapFrame.PAGE_FAULT) {
          run.end(CpuExit.Stopped.INSTANCE);
          takeBack(begun);
        } else if (vector == TrapFrame.PAGE_FAULT && frame.passesUsersStackBySmap()) {
          takeBack(begun);
        } else if (endsForWatch(false)) {
          takeBack(begun);
        } else if (!endsBeforeUncounted(begun)) {
          counted.answered(except(vector), begun);
        }
      } catch (Throwable e) {
        run.fail(e);
      }
    }
    reenter();
  }

  /** Goes back to the guest, or to the end of the run: then the CPU's state stays as it is. */
  private void reenter() {
    reentry.reenter(answering);
    if (run.isEnding()) {
      emptyBlockFault.remember();
    }
  }

  private void takeBack(boolean begun) {
    if (begun) {
      counted.takeBack();
    }
  }

  /**
   * Ends a run that has got where it is to end, but found no code there that would have said so.
   */
  private boolean endsBeforeUncounted(boolean begun) {
    boolean ends = !begun && counted.isReached();
    if (ends) {
      run.end(CpuExit.Stepped.INSTANCE);
    }
    return ends;
  }

  private TrapAction except(int vector) {
    if (vector == TrapFrame.GENERAL_PROTECTION) {
      instructions.undoRefusedBranch();
    }
    if (vector == TrapFrame.PAGE_FAULT) {
      emptyBlockFault.remember();
    }
    frame.begin(vector);
    return vector == TrapFrame.INVALID_OPCODE && instructions.isInt1() ? raiseInt1() : answer();
  }

  /** Behind an instruction with TF set: what it hit is told when the guest has got its own trap. */
  private void trap() {
    if (guestBreakpoints != null) {
      if (guestBreakpoints.isFault()) {
        if (!endsBeforeUncounted(false)) {
          guestBreakpoints.hitAtRip();
          frame.begin(TrapFrame.DEBUG);
          counted.answered(answer(), false);
        }
        return;
      }
      if (guestBreakpoints.dropStale()) {
        return;
      }
    }
    CpuExit hit = watches == null ? null : watches.take(true);
    int guestHits = watches == null ? 0 : watches.takeGuestHits();
    frame.begin(TrapFrame.DEBUG);
    if (trapFlag.isHidden()) {
      trapFlag.takeBack();
      if (trapFlag.isPassing()) {
        breakpointHits.passed();
        if (hit != null) {
          run.end(hit);
        }
      } else {
        run.end(hit == null ? CpuExit.Stepped.INSTANCE : hit);
      }
      raiseDataBreakpoint(guestHits);
      return;
    }
    if (guestHits != 0 && guestBreakpoints != null) {
      guestBreakpoints.hit(guestHits);
    }
    answer();
    if (hit != null && !run.isEndedBy(CpuExit.HandlerEnded.INSTANCE)) {
      run.end(hit);
    }
  }

  private void onIntercept(int intercept) {
    entry.leave();
    frame.forgetException();
    boolean isBetween =
        intercept == Intercept.COME_OUT
            || intercept == Intercept.NMI_WINDOW
            || intercept == Intercept.INTERRUPT_WINDOW
            || intercept == Intercept.HLT;
    boolean restarts = restarted.take();
    takeBack(restarts);
    if (run.isEnding()) {
      run.stopLibrary();
    } else if (!endsForWatch(isBetween && !restarts)) {
      try {
        switch (intercept) {
          case Intercept.COME_OUT, Intercept.NMI_WINDOW, Intercept.INTERRUPT_WINDOW -> {
            // What it was wanted for is served on the way back.
          }
          case Intercept.HLT -> halt();
          case Intercept.WRITE_DR0,
              Intercept.WRITE_DR0 + 1,
              Intercept.WRITE_DR0 + 2,
              Intercept.WRITE_DR0 + 3,
              Intercept.WRITE_DR0 + 4,
              Intercept.WRITE_DR0 + 5,
              Intercept.WRITE_DR0 + 6,
              Intercept.WRITE_DR7 ->
              writeDebugRegister(intercept - Intercept.WRITE_DR0);
          case Intercept.SOFTWARE_INTERRUPT -> raiseSoftware();
          default -> {
            if (intercept >= Intercept.READ_DR0 && intercept <= Intercept.READ_DR7) {
              readDebugRegister();
            } else {
              complete(instructions.execute(intercept));
            }
          }
        }
      } catch (Throwable e) {
        run.fail(e);
      }
    }
    reenter();
  }

  /** The library makes a HLT of each exit in its translated code. */
  private void halt() {
    long address = frame.linearRip();
    if (breakpointHits.take(address)) {
      return;
    }
    if (instructions.isHalt()) {
      instructions.skip();
      frame.clearInterruptShadow();
      if (trapFlag.isGuests()) {
        traceOwnInstruction(); // the pending trap ends the halt at once
      } else {
        run.end(CpuExit.Halted.INSTANCE);
      }
    } else {
      // The page is mapped twice, and the breakpoint was taken out through the other address.
      breakpoints.drop(address);
    }
  }

  private void complete(Completion completion) {
    switch (completion) {
      case DONE -> {
        frame.clearInterruptShadow();
        traceOwnInstruction();
      }
      case INVALID_OPCODE -> raiseBegun(TrapFrame.INVALID_OPCODE);
      case GENERAL_PROTECTION -> raiseBegun(TrapFrame.GENERAL_PROTECTION);
    }
  }

  private void raiseBegun(int vector) {
    if (raise(vector) == TrapAction.END) {
      counted.takeBack();
    }
  }

  /** The trap flag works on what is executed here as on all else (Intel SDM vol. 3B, 17.3.1.4). */
  private void traceOwnInstruction() {
    if (trapFlag.isPassing()) {
      trapFlag.takeBack();
      breakpointHits.passed();
    }
    if (trapFlag.isGuests()) {
      trapFlag.mark();
      raise(TrapFrame.DEBUG);
    }
    if (trapFlag.isStepping() && !run.isEnding()) {
      run.end(CpuExit.Stepped.INSTANCE);
    }
  }

  /** Ends the run for a hit, if there was one and {@link Watches#take} gives it away. */
  private boolean endsForWatch(boolean ended) {
    if (watches == null) {
      return false;
    }
    CpuExit hit = watches.take(ended);
    boolean raised = raiseDataBreakpoint(watches.takeGuestHits());
    if (hit != null) {
      run.end(hit);
    }
    return raised || hit != null;
  }

  /** A trap behind the access; MOV to SS and POP SS lose it (Intel SDM vol. 3A, 6.8.3). */
  private boolean raiseDataBreakpoint(int hits) {
    if (hits == 0 || guestBreakpoints == null || frame.hasInterruptShadow()) {
      return false;
    }
    guestBreakpoints.hit(hits);
    // A part of the instruction that is counted already: nobody stops between the two.
    raise(TrapFrame.DEBUG);
    counted.forgetLast();
    return true;
  }

  private void writeDebugRegister(int number) {
    GuestBreakpoints following = guestBreakpoints;
    if (following != null && following.detects()) {
      raiseBegun(TrapFrame.DEBUG);
      return;
    }
    complete(instructions.writeDebugRegister(number));
    if (following != null && following.follow()) {
      // Hooks can't be added to a run.
      run.stopLibrary();
    }
  }

  /** Only intercepted for {@link GuestBreakpoints#detects}; delivery has ended that meanwhile. */
  private void readDebugRegister() {
    if (guestBreakpoints != null && guestBreakpoints.detects()) {
      raiseBegun(TrapFrame.DEBUG);
    } else {
      frame.interceptDebugReads(false);
    }
  }

  private void raiseSoftware() {
    long at = frame.rip();
    frame.beginSoftware(instructions.softwareInterrupt(), at);
    answer();
  }

  /**
   * INT1 asks for no privilege, and isn't a fault (Intel SDM vol. 2A, INT n). The library doesn't
   * know it.
   */
  private TrapAction raiseInt1() {
    long at = frame.rip();
    instructions.skip();
    frame.beginTrap(TrapFrame.DEBUG, at);
    return answer();
  }

  private TrapAction raise(int vector) {
    frame.beginFault(vector, 0);
    return answer();
  }

  /** Lets the trap handler answer the exception that the frame has been turned to. */
  TrapAction ask() {
    frame.registers.setFrozen(true);
    try {
      return trapHandler.onTrap(frame);
    } catch (Throwable e) {
      frame.rollBack();
      throw e;
    } finally {
      frame.registers.setFrozen(false);
    }
  }

  private TrapAction answer() {
    TrapAction action = ask();
    if (action == TrapAction.END) {
      run.end(CpuExit.HandlerEnded.INSTANCE);
    } else if (action == TrapAction.DELIVERED && trapFlag.isStepping()) {
      run.end(CpuExit.Stepped.INSTANCE);
    } else if (action == TrapAction.DELIVERED && trapFlag.isPassing()) {
      breakpointHits.passed();
    }
    return action;
  }
}
