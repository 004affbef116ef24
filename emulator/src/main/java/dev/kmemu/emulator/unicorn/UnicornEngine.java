package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.cpu.CodeTally;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuSnapshots;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.ExitLog;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.cpu.InstructionCounter;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.cpu.MmioBus;
import dev.kmemu.emulator.cpu.PortBus;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapHandler;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.LinearAccess;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** One Unicorn engine, put together; {@link GuestRuns} runs it. */
final class UnicornEngine implements CpuEngine {

  private final String description;
  private final long engine;
  private final CpuExits exits;
  private final GuestEntry entry;
  private final UnicornContext context;
  private final ContextLayout layout;
  private final UnicornRegisters registers;
  private final ControlBlock controlBlock;
  private final ByteBuffer live;
  private final UnicornFrame frame;
  private final BreakpointHits breakpointHits;
  private final Hooks hooks;
  private final PortHooks ports;
  private final MmioHooks mmio;
  private final Reentry reentry;
  private final WatchSwitch watches;
  private final CountedInstructions counted;
  private final GuestBreakpoints guestBreakpoints;
  private final FeatureWords features;
  private final LinearCode code;
  private final UnicornTlb tlb;
  private final UnicornSnapshots snapshots;
  private final BreakpointExits breakpoints;
  private final GuestRuns runs;
  private final EngineCallbacks callbacks;

  private final ExitLog exitLog = new ExitLog();
  private @Nullable BlockMeter meter;
  private final OptionalLong tallyHook;
  private @Nullable BlockTally tally;
  private final PhysicalMemory ram;
  private boolean closed;

  UnicornEngine(
      Unicorn library, ProbeResult probe, PhysicalMemory ram, @Nullable ExitProfile profile) {
    this.description = "Unicorn " + library.version() + " (" + library.path() + ")";
    this.layout = probe.layout();
    this.tallyHook = library.tallyHook();
    this.ram = ram;
    engine = open();
    MidBlockExits.suppress(engine, probe.blockSwitch());
    mapRam(ram, 0, ram.holeStart());
    mapRam(ram, ram.holeEnd(), ram.end());
    controlBlock = new ControlBlock(engine);
    context = new UnicornContext(engine);
    registers = new UnicornRegisters(engine, probe.avx());
    registers.attachContext(context, layout);
    saveContext();
    byte[] fresh = new byte[context.size()];
    context.buffer().get(0, fresh);
    LiveState state = LiveState.open(probe.live(), engine, layout, fresh);
    live = state.view();
    features =
        new FeatureWords(
            NativeLibrary.getInstance(library.path(), Map.of()),
            state.cpu() + probe.live().registers());
    registers.attachLive(live, layout);
    exits = new CpuExits(state.cpu(), probe.structure());
    entry = new GuestEntry(exits, Thread.currentThread());
    tlb = new UnicornTlb(entry, this::flushTlb);
    snapshots = new UnicornSnapshots(engine, ram, registers, layout, this::flushTlb);
    frame = new UnicornFrame(live, layout, registers);
    code =
        new LinearCode(
            engine, ram, frame, new AddressSpaceSwitches(state.cpu() + probe.live().registers()));
    breakpoints = new BreakpointExits(engine, code::drop);
    InterceptedInstruction decoder = new InterceptedInstruction(new VirtualMemory(ram), frame);
    RunEnd run = new RunEnd(engine);
    TrapFlag trapFlag = new TrapFlag(frame);
    counted = new CountedInstructions(this::turnCounting);
    reentry = new Reentry(entry, tlb, frame, run, trapFlag, counted);
    breakpointHits = new BreakpointHits(breakpoints, decoder, trapFlag, run, counted);
    hooks =
        new Hooks(
            entry,
            frame,
            decoder,
            breakpoints,
            breakpointHits,
            run,
            trapFlag,
            reentry,
            counted,
            new RestartedInstruction(state.cpu()));
    ports = new PortHooks(new PortPermission(new LinearAccess(ram), frame), frame, reentry, run);
    mmio = new MmioHooks(reentry, run);
    watches = new WatchSwitch(engine, exits, entry, frame, ram, hooks, counted);
    guestBreakpoints = new GuestBreakpoints(state.cpu(), frame, code::drop);
    hooks.setGuestBreakpoints(guestBreakpoints);
    runs =
        new GuestRuns(
            engine,
            entry,
            frame,
            decoder,
            code,
            hooks,
            breakpoints,
            breakpointHits,
            guestBreakpoints,
            watches,
            counted);
    ResetState.loadTask(frame);
    live.putLong(layout.controlBlock(), controlBlock.address());
    live.putLong(layout.intercepts(), Intercept.always());
    live.putShort(layout.debugWriteIntercepts(), Intercept.debugRegisters());
    live.putInt(layout.hflags(), live.getInt(layout.hflags()) | Intercept.GUEST_FLAG);
    callbacks =
        new EngineCallbacks(engine, hooks, ports, new ObservedCallbacks(exitLog, profile, frame));
    callbacks.mapMmio(mmio, ram.holeStart(), ram.holeEnd());
    callbacks.mapMmio(mmio, ram.end(), EngineCallbacks.PHYSICAL_SPACE);
  }

  private void mapRam(PhysicalMemory ram, long start, long end) {
    if (start < end) {
      check(
          "uc_mem_map_ptr",
          UnicornLibrary.uc_mem_map_ptr(
              engine, start, end - start, UnicornLibrary.UC_PROT_ALL, ram.hostAddress() + start));
    }
  }

  /** Opens an engine that has nothing mapped and never ends a run of itself. */
  static long open() {
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_open",
          UnicornLibrary.uc_open(
              UnicornLibrary.UC_ARCH_X86, UnicornLibrary.UC_MODE_64, Pointer.nativeValue(out)));
      long engine = out.getLong(0);
      check(
          "uc_ctl_set_cpu_model",
          UnicornLibrary.uc_ctl(
              engine, UnicornLibrary.UC_CTL_CPU_MODEL, UnicornLibrary.UC_CPU_X86_COOPERLAKE, 0));
      UnicornLibrary.forgetExits(engine);
      return engine;
    }
  }

  /** Returns the library's handle, for calls that not every version has. */
  long handle() {
    requireOpen();
    return engine;
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
  public CpuState state() {
    requireOpen();
    return frame;
  }

  @Override
  public void reset() {
    requireOpen();
    new ResetState(frame).load();
    flushTlb();
  }

  @Override
  public TlbControl tlb() {
    return tlb;
  }

  @Override
  public void setTrapHandler(TrapHandler handler) {
    hooks.setTrapHandler(handler);
  }

  @Override
  public void setPortBus(PortBus bus) {
    ports.setPortBus(bus);
  }

  @Override
  public void setMmioBus(MmioBus bus) {
    mmio.setMmioBus(bus);
  }

  @Override
  public void setProcessor(Processor processor) {
    requireOpen();
    hooks.setProcessor(processor);
    features.withhold(processor.lacking());
    live.putLong(layout.intercepts(), Intercept.always() | Intercept.model());
    live.putShort(layout.controlReadIntercepts(), Intercept.controlReads());
    live.putShort(layout.controlWriteIntercepts(), Intercept.controlWrites());
  }

  @Override
  public void setInterruptSource(InterruptSource source) {
    reentry.setInterruptSource(source);
    entry.look();
  }

  @Override
  public void interruptsChanged() {
    entry.look();
  }

  @Override
  public CodeMeter meter() {
    requireOpen();
    BlockMeter counting = meter;
    if (counting == null) {
      counting = new BlockMeter(engine, exits);
      // Code that was translated before wouldn't call the meter.
      TranslatedCode.dropAll(engine, ram);
      exits.leaveCounterToMeter();
      meter = counting;
    }
    return counting;
  }

  @Override
  public Optional<CodeTally> tally() {
    requireOpen();
    if (meter != null) {
      return Optional.of(meter);
    }
    if (tally == null && tallyHook.isPresent()) {
      tally = new BlockTally(engine, tallyHook.getAsLong());
      TranslatedCode.dropAll(engine, ram);
    }
    return Optional.ofNullable(tally);
  }

  @Override
  public Optional<InstructionCounter> instructionCounter() {
    meter();
    BlockMeter counting = meter;
    if (counting == null || watches.capacity() == 0) {
      return Optional.empty();
    }
    counted.prepare(engine, exits, counting);
    return Optional.of(counted);
  }

  private void turnCounting(InstructionHook hook, boolean on) {
    BlockMeter counting = meter;
    if (counting != null) {
      watches.turn(hook, counting, on);
    }
  }

  @Override
  public CpuExit run() {
    requireOpen();
    return runs.run();
  }

  @Override
  public CpuExit continueRun() {
    requireOpen();
    return runs.continueRun();
  }

  @Override
  public CpuExit step() {
    requireOpen();
    return runs.step();
  }

  @Override
  public CpuExit stepUnlessPageFault() {
    hooks.setLeavesPageFaults(true);
    try {
      return step();
    } finally {
      hooks.setLeavesPageFaults(false);
    }
  }

  @Override
  public CpuExit runUnlessPageFault() {
    hooks.setLeavesPageFaults(true);
    try {
      return run();
    } finally {
      hooks.setLeavesPageFaults(false);
    }
  }

  @Override
  public TrapAction raise(int vector, int errorCode) {
    requireOpen();
    frame.beginFault(vector, errorCode);
    return hooks.ask();
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
  public void setBreakpointFilter(LongPredicate ends) {
    breakpointHits.setFilter(ends);
  }

  @Override
  public int watchCapacity() {
    requireOpen();
    return watches.capacity();
  }

  @Override
  public void setWatches(List<MemoryWatch> watched) {
    requireOpen();
    watches.set(watched);
  }

  @Override
  public void invalidateCode(VirtualAddress address, long length) {
    requireOpen();
    code.drop(address, length);
  }

  @Override
  public ExitLog exitLog() {
    return exitLog;
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
      guestBreakpoints.close();
      UnicornLibrary.uc_close(engine);
      if (meter != null) {
        meter.close();
      }
      if (tally != null) {
        tally.close();
      }
      counted.close();
      watches.close();
      controlBlock.close();
      callbacks.close();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the CPU is closed");
    }
  }

  private void flushTlb() {
    requireOpen();
    check("flushing the TLB", UnicornLibrary.uc_ctl(engine, UnicornLibrary.UC_CTL_TLB_FLUSH, 0, 0));
  }

  private void saveContext() {
    check("uc_context_save", UnicornLibrary.uc_context_save(engine, context.address()));
  }
}
