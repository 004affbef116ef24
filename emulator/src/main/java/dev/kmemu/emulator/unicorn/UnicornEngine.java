package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Callback;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuSnapshots;
import dev.kmemu.emulator.cpu.PortBus;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapHandler;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Unicorn engine.
 *
 * <p>Unicorn never clears the exception it is handling, so that the second page fault would arrive
 * as a double fault. Each trap therefore saves the context, marks the exception as done, lets the
 * handler read and change the saved state, and restores it: three crossings into native code, none
 * of them touching the TLB.
 */
final class UnicornEngine implements CpuEngine {

  private static final long NEVER = -1L;
  private static final long TRAP_FLAG = 1L << 8;
  private static final int NO_EXCEPTION = -1;
  private static final byte HLT = (byte) 0xF4;
  private static final long PHYSICAL_SPACE = 1L << 40;

  private final String description;
  private final VirtualMemory memory;
  private final long engine;
  private final GuestEntry entry;
  private final UnicornContext context;
  private final ContextLayout layout;
  private final UnicornRegisters registers;
  private final @Nullable ByteBuffer live;
  private final ByteBuffer state;
  private final UnicornFrame frame;
  private final UnicornTlb tlb;
  private final UnicornSnapshots snapshots;
  private final BreakpointExits breakpoints;
  private final List<Callback> reachableCallbacks = new ArrayList<>();

  private TrapHandler trapHandler = frame -> TrapAction.END;
  private PortBus ports = AbsentPorts.INSTANCE;
  private @Nullable CpuExit exit;
  private @Nullable Throwable failure;
  private boolean stepping;
  private long notYetPassed = NEVER;

  /** Where the last exception of a run told the guest to go on. */
  private long goesOnAt = NEVER;

  private boolean closed;

  UnicornEngine(Unicorn library, ProbeResult probe, PhysicalMemory ram) {
    this.description = "Unicorn " + library.version() + " (" + library.path() + ")";
    this.memory = new VirtualMemory(ram);
    this.layout = probe.layout();
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_open",
          UnicornLibrary.uc_open(
              UnicornLibrary.UC_ARCH_X86, UnicornLibrary.UC_MODE_64, Pointer.nativeValue(out)));
      engine = out.getLong(0);
    }
    UnicornLibrary.forgetExits(engine);
    MidBlockExits.suppress(engine, probe.blockSwitch());
    entry = new GuestEntry(engine, Thread.currentThread());
    check(
        "uc_mem_map_ptr",
        UnicornLibrary.uc_mem_map_ptr(
            engine, 0, ram.size(), UnicornLibrary.UC_PROT_ALL, ram.hostAddress()));
    context = new UnicornContext(engine);
    registers = new UnicornRegisters(engine, probe.avx());
    registers.attachContext(context, layout);
    saveContext();
    byte[] fresh = new byte[context.size()];
    context.buffer().get(0, fresh);
    live = LiveState.open(probe.live(), engine, layout, fresh);
    state = live == null ? context.buffer() : live;
    frame = new UnicornFrame(state, layout, registers);
    tlb = new UnicornTlb(entry, this::flushTlb);
    snapshots = new UnicornSnapshots(engine, ram.size(), registers, layout, this::flushTlb);
    breakpoints =
        new BreakpointExits(engine, address -> invalidateCode(new VirtualAddress(address), 1));
    mapOpenBus(ram.size());
    hook(UnicornLibrary.UC_HOOK_INTR, keep((UnicornLibrary.InterruptHook) this::onInterrupt), 0);
    hook(
        UnicornLibrary.UC_HOOK_INSN_INVALID,
        keep((UnicornLibrary.InvalidInstructionHook) this::onInvalidInstruction),
        0);
    hook(
        UnicornLibrary.UC_HOOK_INSN,
        keep((UnicornLibrary.InHook) this::onIn),
        UnicornLibrary.UC_X86_INS_IN);
    hook(
        UnicornLibrary.UC_HOOK_INSN,
        keep((UnicornLibrary.OutHook) this::onOut),
        UnicornLibrary.UC_X86_INS_OUT);
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public RegisterFile registers() {
    return registers;
  }

  @Override
  public TlbControl tlb() {
    return tlb;
  }

  @Override
  public void setTrapHandler(TrapHandler handler) {
    trapHandler = handler;
  }

  @Override
  public void setPortBus(PortBus bus) {
    ports = bus;
  }

  @Override
  public CpuExit run() {
    requireOpen();
    return runFrom(registers.read(Register.RIP), true);
  }

  @Override
  public CpuExit continueRun() {
    requireOpen();
    long rip = registers.read(Register.RIP);
    return runFrom(rip, rip == notYetPassed);
  }

  /**
   * Passes over a breakpoint by a step of its own: a stop from another thread may fall between the
   * breakpoint and its instruction, and after a step it's known whether the instruction was
   * executed. A guest that traces itself needs its trap, and takes the risk.
   */
  private CpuExit runFrom(long rip, boolean passes) {
    notYetPassed = NEVER;
    boolean atBreakpoint = passes && breakpoints.contains(rip);
    boolean tracesItself = (registers.read(Register.RFLAGS) & TRAP_FLAG) != 0;
    if (!atBreakpoint || tracesItself) {
      return execute(false, atBreakpoint);
    }
    CpuExit first = step();
    if (first == CpuExit.Stepped.INSTANCE) {
      return execute(false, false);
    }
    if (first == CpuExit.Stopped.INSTANCE) {
      notYetPassed = rip;
    }
    return first;
  }

  @Override
  public CpuExit step() {
    requireOpen();
    boolean guestsOwn = (registers.read(Register.RFLAGS) & TRAP_FLAG) != 0;
    if (guestsOwn) {
      return execute(true, true);
    }
    registers.write(Register.RFLAGS, registers.read(Register.RFLAGS) | TRAP_FLAG);
    try {
      return execute(true, true);
    } finally {
      long flags = registers.read(Register.RFLAGS);
      if ((flags & TRAP_FLAG) != 0) {
        registers.write(Register.RFLAGS, flags & ~TRAP_FLAG);
      }
    }
  }

  @Override
  public void requestStop() {
    entry.stop();
  }

  @Override
  public void addBreakpoint(VirtualAddress address) {
    requireOpen();
    breakpoints.add(address.value());
  }

  @Override
  public void removeBreakpoint(VirtualAddress address) {
    requireOpen();
    breakpoints.remove(address.value());
  }

  @Override
  public void invalidateCode(VirtualAddress address, long length) {
    requireOpen();
    // On an unmapped address the call leaves a page fault behind, CR2 included.
    saveContext();
    context.buffer().putInt(layout.oldException(), NO_EXCEPTION);
    for (long done = 0; done < length; ) {
      // Page by page, because the call takes what follows the first frame for the next page.
      long from = address.value() + done;
      long run =
          Math.min(
              length - done, VirtualAddress.PAGE_SIZE - (from & (VirtualAddress.PAGE_SIZE - 1)));
      UnicornLibrary.uc_ctl(engine, UnicornLibrary.UC_CTL_TB_REMOVE_CACHE, from, from + run);
      done += run;
    }
    restoreContext();
  }

  @Override
  public CpuSnapshots snapshots() {
    requireOpen();
    return snapshots;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      entry.shut();
      snapshots.close();
      registers.close();
      context.close();
      UnicornLibrary.uc_close(engine);
      reachableCallbacks.clear();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the CPU is closed");
    }
  }

  private CpuExit execute(boolean step, boolean passes) {
    exit = null;
    stepping = step;
    long rip = registers.read(Register.RIP);
    if (passes) {
      breakpoints.installBut(rip);
    } else {
      breakpoints.install();
    }
    while (true) {
      CpuExit ended = executeOnce(rip);
      if (ended != null) {
        return ended;
      }
      rip = registers.read(Register.RIP);
    }
  }

  /** Enters the guest once; null means that it was left for the host's sake and has to go on. */
  private @Nullable CpuExit executeOnce(long rip) {
    int error = UnicornLibrary.UC_ERR_OK;
    boolean started = false;
    goesOnAt = NEVER;
    entry.begin();
    entry.enter();
    try {
      if (serveWishes()) {
        started = true;
        error = UnicornLibrary.uc_emu_start(engine, rip, 0, 0, 0);
      }
    } finally {
      entry.leave();
    }
    rethrowFailure();
    CpuExit reason = exit;
    if (reason != null) {
      return reason;
    }
    if (error != UnicornLibrary.UC_ERR_OK) {
      return new CpuExit.EngineFailed(
          String.format(
              "%s at RIP 0x%x", UnicornLibrary.uc_strerror(error), registers.read(Register.RIP)),
          null);
    }
    if (started && breakpoints.isInstalled(registers.read(Register.RIP))) {
      return CpuExit.BreakpointHit.INSTANCE;
    }
    if (started && (!mayHaveBeenCutShort() || isBehindHlt())) {
      return CpuExit.Halted.INSTANCE;
    }
    if (entry.isStopWanted()) {
      entry.clearStop();
      return CpuExit.Stopped.INSTANCE;
    }
    return null;
  }

  /**
   * The library now and then leaves a run right behind an exception, where the guest must go on.
   */
  private boolean mayHaveBeenCutShort() {
    return entry.wasKicked() || (goesOnAt != NEVER && goesOnAt == registers.read(Register.RIP));
  }

  /**
   * Serves what other threads want before guest code runs; false when it mustn't run now. One flush
   * is enough, or flushers could keep the guest out for ever: who wants another one still waits,
   * and stops the run.
   */
  private boolean serveWishes() {
    if (entry.takeFlush()) {
      flushTlb();
    }
    return !entry.isStopWanted();
  }

  private void onInterrupt(long uc, int vector, long user) {
    if (vector != TrapFrame.INVALID_OPCODE) {
      onException(vector);
    }
  }

  /** The library calls this first for #UD, and {@link #onInterrupt} once more for the same one. */
  private byte onInvalidInstruction(long uc, long user) {
    onException(TrapFrame.INVALID_OPCODE);
    return 1;
  }

  private void onException(int vector) {
    entry.leave();
    if (isEnding()) {
      forgetException();
      UnicornLibrary.uc_emu_stop(engine);
    } else {
      try {
        trap(vector);
      } catch (Throwable e) {
        fail(e);
        forgetException();
      }
    }
    reenter();
  }

  private void trap(int vector) {
    beginTrap();
    frame.begin(vector, stepping);
    if (stepping && vector == TrapFrame.DEBUG) {
      frame.clearTrapFlag();
      end(CpuExit.Stepped.INSTANCE);
    } else {
      switch (answer()) {
        case RESUME -> goesOnAt = frame.rip();
        case DELIVERED -> {
          goesOnAt = frame.rip();
          if (stepping) {
            end(CpuExit.Stepped.INSTANCE);
          }
        }
        case END -> end(CpuExit.HandlerEnded.INSTANCE);
      }
    }
    endTrap();
  }

  private void beginTrap() {
    if (live == null) {
      saveContext();
    }
    state.putInt(layout.oldException(), NO_EXCEPTION);
  }

  private void endTrap() {
    if (live == null) {
      restoreContext();
    }
  }

  private TrapAction answer() {
    registers.setFrozen(true);
    try {
      return trapHandler.onTrap(frame);
    } catch (Throwable e) {
      frame.rollBack();
      throw e;
    } finally {
      registers.setFrozen(false);
    }
  }

  private int onIn(long uc, int port, int size, long user) {
    entry.leave();
    int value = -1;
    try {
      value = ports.read(port & 0xFFFF, size);
    } catch (Throwable e) {
      fail(e);
    }
    reenter();
    return value;
  }

  private void onOut(long uc, int port, int size, int value, long user) {
    entry.leave();
    try {
      if (!ports.write(port & 0xFFFF, size, value)) {
        end(CpuExit.HandlerEnded.INSTANCE);
      }
    } catch (Throwable e) {
      fail(e);
    }
    reenter();
  }

  private void reenter() {
    entry.enter();
    if (!serveWishes()) {
      entry.kickSelf();
    }
  }

  private void end(CpuExit reason) {
    exit = reason;
    UnicornLibrary.uc_emu_stop(engine);
  }

  private void fail(Throwable thrown) {
    failure = thrown;
    UnicornLibrary.uc_emu_stop(engine);
  }

  /**
   * Whether the run's end is decided. The rest of the basic block runs all the same, and what it
   * raises must neither change the verdict nor be answered: a fault comes again when the CPU goes
   * on.
   */
  private boolean isEnding() {
    return exit != null || failure != null;
  }

  /** Lets the next exception arrive as itself; all other state stays what the CPU made of it. */
  private void forgetException() {
    beginTrap();
    endTrap();
  }

  private void rethrowFailure() {
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
  }

  /**
   * Tells a HLT from a stop by another thread that came at the same time, by the byte before RIP
   * and the privilege that HLT needs. A short branch over 12 bytes ends with the same byte. What
   * can't be told is a block that begins behind a HLT and is entered by a branch.
   */
  private boolean isBehindHlt() {
    if ((registers.read(Register.CS) & 3) != 0) {
      return false;
    }
    PagingMode mode =
        PagingMode.of(
            registers.read(Register.CR0),
            registers.read(Register.CR3),
            registers.read(Register.CR4),
            registers.read(Register.EFER),
            registers.read(Register.RFLAGS));
    byte[] code = new byte[2];
    long rip = registers.read(Register.RIP);
    if (memory.read(mode, new VirtualAddress(rip - 1), code, 1, 1) != 1 || code[1] != HLT) {
      return false;
    }
    int opcode = memory.read(mode, new VirtualAddress(rip - 2), code, 0, 1) == 1 ? code[0] : 0;
    return !isShortBranch(opcode & 0xFF);
  }

  private static boolean isShortBranch(int opcode) {
    return (opcode & 0xF0) == 0x70 || (opcode & 0xFC) == 0xE0 || opcode == 0xEB;
  }

  private void flushTlb() {
    requireOpen();
    check("flushing the TLB", UnicornLibrary.uc_ctl(engine, UnicornLibrary.UC_CTL_TLB_FLUSH, 0, 0));
  }

  private void saveContext() {
    int error = UnicornLibrary.uc_context_save(engine, context.address());
    if (error != UnicornLibrary.UC_ERR_OK) {
      check("uc_context_save", error);
    }
  }

  private void restoreContext() {
    int error = UnicornLibrary.uc_context_restore(engine, context.address());
    if (error != UnicornLibrary.UC_ERR_OK) {
      check("uc_context_restore", error);
    }
  }

  private void mapOpenBus(long ramSize) {
    if (ramSize < PHYSICAL_SPACE) {
      check(
          "uc_mmio_map",
          UnicornLibrary.uc_mmio_map(
              engine,
              ramSize,
              PHYSICAL_SPACE - ramSize,
              keep((UnicornLibrary.MmioRead) (uc, offset, size, user) -> -1L),
              0,
              keep((UnicornLibrary.MmioWrite) (uc, offset, size, value, user) -> {}),
              0));
    }
  }

  private <C extends Callback> C keep(C callback) {
    reachableCallbacks.add(callback);
    return callback;
  }

  private void hook(int type, Callback callback, int instruction) {
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_hook_add",
          UnicornLibrary.uc_hook_add(
              engine, Pointer.nativeValue(out), type, callback, 0, 1, 0, instruction));
    }
  }
}
