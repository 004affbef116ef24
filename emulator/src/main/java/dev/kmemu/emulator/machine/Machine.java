package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuEngines;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.Monitor;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.DebugExit;
import dev.kmemu.emulator.device.MmioSpace;
import dev.kmemu.emulator.device.PortSpace;
import dev.kmemu.emulator.device.PowerSwitch;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamLayout;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.model.StandardProcessor;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.time.GuestClock;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.InstructionClock;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.time.WallClock;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.emulator.trap.TrapRouter;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A machine with one CPU, paused when it is new. Its methods may be called from any thread.
 *
 * <p>The guest ends for good when it writes to the debug-exit port, switches the machine off or
 * resets it, halts, or raises an exception that nobody answers; {@link #outcome} tells which came
 * first. The machine itself stays as it is then, so that it can still be looked at.
 */
public final class Machine implements AutoCloseable {

  private final PhysicalMemory ram;
  private final PortSpace ports = new PortSpace();
  private final MmioSpace mmio;
  private final PowerSwitch power = new PowerSwitch();
  private final GuestClock clock;
  private final GuestTimers timers;
  private final MachineInterrupts interrupts;
  private final StandardProcessor processor;
  private final VcpuThread vcpu;
  private final TrapRouter traps;
  private final MachineDebugTarget debugTarget;
  private final GuestLife life;
  private final MachineSnapshots snapshots;
  private final @Nullable History history;
  private volatile @Nullable MachineSnapshot beginning;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** Creates a machine on {@code engines}, with the {@link MachineOptions#standard} options. */
  public Machine(CpuEngines engines, RamSize ramSize) {
    this(engines, ramSize, MachineOptions.standard());
  }

  /** Creates a machine on {@code engines}. */
  public Machine(CpuEngines engines, RamSize ramSize, MachineOptions options) {
    RamLayout layout = options.layout();
    ram = new PhysicalMemory(engines.allocate(layout.end(ramSize.bytes())), layout);
    mmio = new MmioSpace(ram);
    DebugExit debugExit = new DebugExit();
    ports.attach(DebugExit.PORT, 1, debugExit);
    vcpu = startCpu(engines, options.profile());
    WallClock wallClock = new WallClock();
    clock = options.time() == TimeMode.INSTRUCTIONS ? countingClock() : wallClock;
    timers = new GuestTimers(clock, this::interruptsChanged);
    interrupts = new MachineInterrupts(timers);
    processor = new StandardProcessor(clock, options.cpu(), options.unknownMsr(), options.msrLog());
    traps = new TrapRouter(ram);
    debugTarget = new MachineDebugTarget(this, vcpu);
    life =
        new GuestLife(
            vcpu,
            traps,
            interrupts,
            timers,
            wallClock,
            power,
            debugExit,
            debugTarget,
            this::isRepeating);
    snapshots =
        new MachineSnapshots(
            vcpu.engine().description(), ram, this::devices, vcpu, this::wasRestored);
    snapshots.add(new ClockState(clock, processor));
    snapshots.add(processor);
    snapshots.add(new SleepState(vcpu));
    snapshots.setTimeInHash(options.time() == TimeMode.INSTRUCTIONS);
    history = options.time() == TimeMode.INSTRUCTIONS ? remembered(options.history()) : null;
    debugTarget.setHistory(history);
    vcpu.call(
        cpu -> {
          cpu.setTrapHandler(traps);
          cpu.setPortBus(ports);
          cpu.setMmioBus(mmio);
          cpu.setProcessor(processor);
          cpu.setInterruptSource(interrupts);
          return cpu;
        });
  }

  private Stream<Object> devices() {
    return Stream.concat(ports.devices().stream(), mmio.devices().stream());
  }

  private VcpuThread startCpu(CpuEngines engines, @Nullable ExitProfile profile) {
    try {
      return new VcpuThread(() -> engines.createCpu(ram, profile), () -> life, profile);
    } catch (RuntimeException e) {
      ram.close();
      throw e;
    }
  }

  private GuestClock countingClock() {
    try {
      return new InstructionClock(vcpu.call(CpuEngine::meter));
    } catch (RuntimeException e) {
      vcpu.close();
      ram.close();
      throw e;
    }
  }

  private @Nullable History remembered(HistoryLimits limits) {
    return vcpu.call(CpuEngine::instructionCounter)
        .map(counter -> new History(vcpu, snapshots, counter, limits))
        .orElse(null);
  }

  /** Returns guest RAM. */
  public PhysicalMemory ram() {
    return ram;
  }

  /** Returns the port space; devices are attached before the CPU runs. */
  public PortSpace ports() {
    return ports;
  }

  /** Returns the addresses that aren't RAM; devices are attached before the CPU runs. */
  public MmioSpace mmio() {
    return mmio;
  }

  /** Returns what devices switch the machine off and reset it with: the guest ends then. */
  public PowerSwitch power() {
    return power;
  }

  /** Returns guest time. */
  public GuestClock clock() {
    return clock;
  }

  /** Returns what waits for guest time. */
  public GuestTimers timers() {
    return timers;
  }

  /** Returns the processor's model. */
  public StandardProcessor processor() {
    return processor;
  }

  /**
   * Connects an interrupt controller. From then on a guest that halts with interrupts enabled waits
   * for one.
   */
  public void setInterruptController(InterruptSource controller) {
    interrupts.setController(controller);
    interruptsChanged();
  }

  /** Says that the controller may have something new. From any thread. */
  public void interruptsChanged() {
    if (!vcpu.isCurrent()) {
      changedFromOutside();
    }
    vcpu.engine().interruptsChanged();
    vcpu.wake();
  }

  /** Sets CR8, on the CPU's thread, for a device that holds the task priority too. */
  public void setTaskPriority(int priority) {
    vcpu.engine().state().setTaskPriority(priority);
  }

  /**
   * Says that something outside has changed the machine, such as a character that a device has
   * received: what a debugger can go back through begins anew then. From any thread.
   */
  public void changedFromOutside() {
    History remembered = history;
    if (remembered != null) {
      remembered.disturb();
    }
  }

  /**
   * Whether the guest executes what it has executed before, on a debugger's way back: what it sends
   * out has been sent already. On the CPU's thread.
   */
  public boolean isRepeating() {
    History remembered = history;
    return remembered != null && remembered.isRepeating();
  }

  /** Returns the control over the CPU's cached translations. */
  public TlbControl tlb() {
    return vcpu.engine().tlb();
  }

  /** Returns what a debugger talks to. */
  public DebugTarget debugTarget() {
    return debugTarget;
  }

  /** Sets the kernel that answers page faults, before the CPU runs. */
  public void setHostKernel(@Nullable HostKernel kernel) {
    traps.setHostKernel(kernel);
  }

  /** Sets the commands that a debugger's {@code monitor} reaches. */
  public void setMonitor(@Nullable Monitor monitor) {
    debugTarget.setMonitor(monitor);
  }

  /**
   * Sets whether a debugger is told that the guest has exited, after which it lets go of the
   * machine; otherwise it sees a halted CPU that it can go on looking at.
   */
  public void setEndsWithGuest(boolean ends) {
    life.setEndsWithGuest(ends);
  }

  /**
   * Takes the machine from its debugger, if there is one, who is told that the guest has exited
   * with {@code status}; the CPU is paused then.
   */
  public void dismissDebugger(int status) {
    debugTarget.dismiss(status);
  }

  /** Returns once everybody has heard of a stop that the CPU came to before, or it is closed. */
  public void awaitReports() {
    try {
      vcpu.call(cpu -> cpu);
    } catch (IllegalStateException e) {
      if (vcpu.isOpen()) {
        throw e;
      }
      // Whoever has closed it wants no more reports.
    }
  }

  /** Runs {@code task} on the CPU's thread, between two instructions. */
  public <T> T onCpu(Function<CpuEngine, T> task) {
    return vcpu.call(
        cpu -> {
          try {
            return task.apply(cpu);
          } finally {
            debugTarget.forgetRegisters();
          }
        });
  }

  /**
   * Returns and forgets the exception that ended a run which a task of {@link #onCpu} made itself;
   * null when none did. On the CPU's thread.
   */
  public @Nullable CrashReport takeCrash() {
    return traps.takeCrash();
  }

  /**
   * Adds a part whose state belongs to the machine, such as a kernel VM; devices behind ports are
   * parts already. To be done before the first snapshot.
   *
   * @throws IllegalArgumentException when there is a part of that name
   */
  public void addSnapshotPart(Snapshotable part) {
    snapshots.add(part);
  }

  /**
   * Captures the machine: CPU, RAM, devices and other parts. A running CPU is held meanwhile.
   *
   * @throws SnapshotException when a part can't be captured at the moment
   * @throws IllegalStateException inside a trap or a device
   */
  public MachineSnapshot snapshot() {
    return snapshots.capture();
  }

  /**
   * Goes back to {@code snapshot} of this machine; a paused CPU stays paused, a running one runs on
   * from there. A guest that has ended lives again: {@link #outcome} tells its new end. Breakpoints
   * and attached debuggers stay.
   *
   * @throws SnapshotException when a part can't be restored at the moment; nothing has changed then
   * @throws IllegalArgumentException when it is one of another machine
   * @throws IllegalStateException inside a trap or a device, or when the snapshot is closed
   */
  public void restore(MachineSnapshot snapshot) {
    snapshots.restore(snapshot);
  }

  /**
   * Writes what {@link #snapshot} would capture to a file, which appears or changes only when it is
   * whole. The CPU isn't held while the file is written.
   *
   * @throws SnapshotException when it can't be captured or written
   */
  public void save(Path file) {
    snapshots.save(file);
  }

  /**
   * Reads and verifies a file without touching the machine; {@link #restore} goes there.
   *
   * @throws SnapshotException when the file isn't whole, newer than this kmemu, or of another kind
   *     of machine
   */
  public MachineSnapshot read(Path file) {
    return snapshots.read(file);
  }

  /**
   * Goes to what a file holds, as {@link #restore} does.
   *
   * @throws SnapshotException as {@link #read} and {@link #restore}; nothing has changed then
   */
  public void load(Path file) {
    try (MachineSnapshot snapshot = snapshots.read(file)) {
      snapshots.restore(snapshot);
    }
  }

  /**
   * Returns a SHA-256 of all that a snapshot captures, in hexadecimal: equal for machines that the
   * guest can't tell apart. Guest time counts only where it is the guest's own, with {@link
   * TimeMode#INSTRUCTIONS}.
   */
  public String stateHash() {
    return snapshots.hash();
  }

  /**
   * Raises a page fault at the instruction that a paused CPU stands at, as if it had caused it: the
   * host kernel is asked first, then the guest's own handler.
   *
   * @param address CR2
   * @param errorCode P, W/R, U/S, RSVD and I/D (Intel SDM vol. 3A, 4.7); W/R is corrected for an
   *     instruction that reads, changes and writes back
   * @throws IllegalArgumentException when the error code has other bits, or the address isn't
   *     canonical
   * @throws IllegalStateException when the CPU runs
   */
  public PageFaultResult raisePageFault(VirtualAddress address, int errorCode) {
    vcpu.requirePaused();
    debugTarget.changed();
    return onCpu(cpu -> PageFaultInjection.raise(cpu, traps, address, errorCode));
  }

  /**
   * Goes back to where the guest began.
   *
   * @throws IllegalStateException when {@link #setBeginning} hasn't said where that is, or inside a
   *     trap or a device
   * @throws SnapshotException as {@link #restore}
   */
  public void reset() {
    MachineSnapshot start = beginning;
    if (start == null) {
      throw new IllegalStateException(
          "the machine doesn't know where its guest began: take a snapshot there, and load it");
    }
    snapshots.restore(start);
  }

  /** Sets where {@link #reset} goes; the caller closes the snapshot after the machine. */
  public void setBeginning(@Nullable MachineSnapshot snapshot) {
    beginning = snapshot;
  }

  /** Lets the CPU run; returns at once. */
  public void resume() {
    debugTarget.resume(ResumeKind.CONTINUE);
  }

  /** Pauses the CPU and waits until it is. */
  public StopReason pause() {
    return vcpu.pause();
  }

  /** Whether the CPU has halted and waits for an interrupt. */
  public boolean isWaiting() {
    return vcpu.call(cpu -> vcpu.sleep().isOn());
  }

  /**
   * Returns how the guest ended, once it has. What is made to depend on it before that is done on
   * the CPU's thread, and before a debugger hears of the stop and could kill the machine.
   */
  public CompletableFuture<GuestOutcome> outcome() {
    return life.outcome();
  }

  /** Returns what completes when the machine has been closed, by its owner or by a debugger. */
  public CompletableFuture<Void> closed() {
    return closed.copy();
  }

  /** Ends the guest, frees the CPU and gives RAM back. Idempotent. */
  @Override
  public void close() {
    life.kill();
    timers.close();
    vcpu.close();
    if (history != null) {
      history.close();
    }
    ram.close();
    closed.complete(null);
  }

  private void wasRestored() {
    if (history != null) {
      history.wasRestored();
    }
    life.wasRestored();
    timers.clockChanged();
    interruptsChanged();
    debugTarget.forgetRegisters();
    vcpu.forgetStop();
  }
}
