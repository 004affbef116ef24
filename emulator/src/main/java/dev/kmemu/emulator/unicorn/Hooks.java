package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.PortBus;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapHandler;
import org.jspecify.annotations.Nullable;

/**
 * What happens while guest code runs: exceptions, intercepts, interrupts, ports.
 *
 * <p>Unicorn never clears the exception it is handling, so that the second page fault would arrive
 * as a double fault: each exception is marked as done in the CPU's state.
 */
final class Hooks {

  private static final long TRAP_FLAG = 1L << 8;
  private static final long DR6_BS = 1L << 14;

  private final long engine;
  private final GuestEntry entry;
  private final UnicornFrame frame;
  private final UnicornTlb tlb;
  private final BreakpointExits breakpoints;
  private final ModelInstructions instructions;
  private final Interrupts interrupts;
  private final PortPermission permission;

  private TrapHandler trapHandler = frame -> TrapAction.END;
  private PortBus ports = AbsentPorts.INSTANCE;
  private @Nullable CpuExit exit;
  private @Nullable Throwable failure;
  private boolean stepping;
  private boolean hidesTrap;
  private long oldDr6;
  private boolean running;
  private boolean ignoresTrap;

  Hooks(
      long engine,
      GuestEntry entry,
      UnicornFrame frame,
      InterceptedInstruction decoder,
      UnicornTlb tlb,
      BreakpointExits breakpoints,
      PortPermission permission) {
    this.engine = engine;
    this.entry = entry;
    this.frame = frame;
    this.tlb = tlb;
    this.breakpoints = breakpoints;
    this.permission = permission;
    this.instructions = new ModelInstructions(frame, decoder);
    this.interrupts = new Interrupts(frame);
  }

  void setTrapHandler(TrapHandler handler) {
    trapHandler = handler;
  }

  void setPortBus(PortBus bus) {
    ports = bus;
  }

  void setProcessor(Processor processor) {
    instructions.setProcessor(processor);
  }

  void setInterruptSource(InterruptSource source) {
    interrupts.setSource(source);
  }

  /**
   * Announces a run; false when it mustn't enter the guest now.
   *
   * @param step whether it is to end after one instruction, for which TF is set
   * @param guestTraces whether TF is the guest's own, which hears of each instruction then
   */
  boolean begin(boolean step, boolean guestTraces) {
    exit = null;
    failure = null;
    stepping = step;
    ignoresTrap = false;
    hidesTrap = step && !guestTraces;
    frame.hideTrapFlag(hidesTrap);
    oldDr6 = frame.dr6();
    entry.enter();
    settle();
    running = !isEnding();
    return running;
  }

  /**
   * Returns how the run has ended, null when nothing here ended it.
   *
   * @throws RuntimeException what a handler threw
   */
  @Nullable CpuExit takeExit() {
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

  /**
   * Goes on where the library found an instruction outside RAM. Nobody drives the bus there, so its
   * bytes are all ones, which is no instruction.
   */
  @Nullable CpuExit fetchFromOpenBus() {
    frame.forgetException();
    try {
      raise(TrapFrame.INVALID_OPCODE);
    } catch (Throwable e) {
      fail(e);
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

  int onIn(long uc, int port, int size, long user) {
    entry.leave();
    int value = -1;
    try {
      if (permission.allows(port & 0xFFFF, size)) {
        value = ports.read(port & 0xFFFF, size);
      }
    } catch (Throwable e) {
      fail(e);
    }
    reenterBlock();
    return value;
  }

  void onOut(long uc, int port, int size, int value, long user) {
    entry.leave();
    try {
      boolean allowed = permission.allows(port & 0xFFFF, size);
      if (allowed && !ports.write(port & 0xFFFF, size, value)) {
        end(CpuExit.HandlerEnded.INSTANCE);
      }
    } catch (Throwable e) {
      fail(e);
    }
    reenterBlock();
  }

  void onSyscall(long uc, long user) {
    onSystemCall(false);
  }

  void onSysenter(long uc, long user) {
    onSystemCall(true);
  }

  /** The library puts RIP behind the instruction when the hook returns, wherever RIP is then. */
  private void onSystemCall(boolean sysenter) {
    entry.leave();
    try {
      int length = instructions.length();
      if (!isEnding()) {
        if (sysenter) {
          sysenter();
        } else {
          complete(instructions.syscall());
        }
      }
      frame.setRip(frame.rip() - length);
    } catch (Throwable e) {
      fail(e);
    }
    entry.enter();
    wishesWait();
  }

  /** Behind SYSENTER, and not SYSCALL, the library raises the trap of TF by itself. */
  private void sysenter() {
    boolean trapFollows = isTracingItself();
    oldDr6 = frame.dr6();
    Completion completion = instructions.sysenter();
    if (!trapFollows || completion != Completion.DONE) {
      ignoresTrap = trapFollows;
      complete(completion);
    }
  }

  /** The guest didn't ask for the trap that it finds in DR6. */
  private void hideTrap() {
    frame.setDr6((frame.dr6() & ~DR6_BS) | (oldDr6 & DR6_BS));
  }

  private void onException(int vector) {
    entry.leave();
    frame.forgetException();
    boolean ignored = ignoresTrap && vector == TrapFrame.DEBUG;
    ignoresTrap = false;
    if (ignored) {
      hideTrap();
      reenter();
      return;
    }
    if (isEnding()) {
      stopLibrary();
    } else {
      try {
        frame.begin(vector);
        if (hidesTrap && vector == TrapFrame.DEBUG) {
          frame.clearTrapFlag();
          hideTrap();
          end(CpuExit.Stepped.INSTANCE);
        } else if (vector == TrapFrame.INVALID_OPCODE && instructions.isInt1()) {
          raiseInt1();
        } else {
          answer();
        }
      } catch (Throwable e) {
        fail(e);
      }
    }
    reenter();
  }

  private void onIntercept(int intercept) {
    entry.leave();
    frame.forgetException();
    if (isEnding()) {
      stopLibrary();
    } else {
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
              complete(instructions.writeDebugRegister(intercept - Intercept.WRITE_DR0));
          case Intercept.SOFTWARE_INTERRUPT -> raiseSoftware();
          default -> complete(instructions.execute(intercept));
        }
      } catch (Throwable e) {
        fail(e);
      }
    }
    reenter();
  }

  /** The library makes a HLT of each exit in its translated code. */
  private void halt() {
    long address = frame.linearRip();
    if (breakpoints.isInstalled(address)) {
      end(CpuExit.BreakpointHit.INSTANCE);
    } else if (instructions.isHalt()) {
      instructions.skip();
      frame.clearInterruptShadow();
      if (isTracingItself()) {
        traceOwnInstruction(); // the pending trap ends the halt at once
      } else {
        end(CpuExit.Halted.INSTANCE);
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
      case INVALID_OPCODE -> raise(TrapFrame.INVALID_OPCODE);
      case GENERAL_PROTECTION -> raise(TrapFrame.GENERAL_PROTECTION);
    }
  }

  /** The trap flag works on what is executed here as on all else (Intel SDM vol. 3B, 17.3.1.4). */
  private void traceOwnInstruction() {
    if (isTracingItself()) {
      frame.setDr6(frame.dr6() | DR6_BS);
      raise(TrapFrame.DEBUG);
    }
    if (stepping && !isEnding()) {
      end(CpuExit.Stepped.INSTANCE);
    }
  }

  /** Whether TF is set, and the guest's own. */
  private boolean isTracingItself() {
    return !hidesTrap && (frame.rawRflags() & TRAP_FLAG) != 0;
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
  private void raiseInt1() {
    long at = frame.rip();
    instructions.skip();
    frame.beginTrap(TrapFrame.DEBUG, at);
    answer();
  }

  private void raise(int vector) {
    frame.beginFault(vector, 0);
    answer();
  }

  private void answer() {
    TrapAction action;
    frame.registers.setFrozen(true);
    try {
      action = trapHandler.onTrap(frame);
    } catch (Throwable e) {
      frame.rollBack();
      throw e;
    } finally {
      frame.registers.setFrozen(false);
    }
    if (action == TrapAction.END) {
      end(CpuExit.HandlerEnded.INSTANCE);
    } else if (action == TrapAction.DELIVERED && stepping) {
      end(CpuExit.Stepped.INSTANCE);
    }
  }

  /** Goes back to the guest from a place where the CPU's state is whole. */
  private void reenter() {
    entry.enter();
    settle();
  }

  /** Goes back into the middle of a basic block: whatever is wanted comes at its end. */
  private void reenterBlock() {
    entry.enter();
    if (entry.takeFlush()) {
      tlb.flushNow();
    }
    wishesWait();
  }

  private void wishesWait() {
    if (entry.hasWishes() && !isEnding()) {
      entry.comeOut();
    }
  }

  /**
   * Serves what other threads want, and interrupts, before guest code runs. A wish that comes while
   * this runs may find its way out closed by what this asks for: so wishes are looked at last.
   */
  private void settle() {
    try {
      do {
        if (entry.takeFlush()) {
          tlb.flushNow();
        }
        if (!isEnding() && entry.isStopWanted()) {
          entry.clearStop();
          end(CpuExit.Stopped.INSTANCE);
        }
        if (isEnding()) {
          // The library serves a waiting request first, and would never come to its own end.
          entry.comeOutOnlyFor(0);
          return;
        }
        entry.takeLook();
        entry.comeOutOnlyFor(stepping ? 0 : takeInterrupts());
      } while (entry.hasWishes());
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** Returns the windows to wait for. A debugger's step shows the program, not what interrupts. */
  private int takeInterrupts() {
    while (!isEnding() && interrupts.begin()) {
      answer();
    }
    return interrupts.windows();
  }

  private void end(CpuExit reason) {
    exit = reason;
    stopLibrary();
  }

  private void fail(Throwable thrown) {
    failure = thrown;
    stopLibrary();
  }

  /** A stop outside a run would end the next one. */
  private void stopLibrary() {
    if (running) {
      UnicornLibrary.uc_emu_stop(engine);
    }
  }

  /**
   * Whether the run's end is decided. The rest of the basic block runs all the same, and what it
   * raises must neither change the verdict nor be answered: a fault comes again when the CPU goes
   * on.
   */
  private boolean isEnding() {
    return exit != null || failure != null;
  }
}
