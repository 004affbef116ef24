package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.CpuidBit;
import dev.kmemu.emulator.cpu.Processor;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.emulator.time.GuestClock;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** kmemu's own processor: what it advertises works. */
public final class StandardProcessor implements Processor, Snapshotable {

  private static final int TSC_AUX = 0xC000_0103;
  private static final int CR8 = 8;
  private static final long LOW = 0xFFFF_FFFFL;

  /** Hears of the task priority that the guest sets with CR8. */
  @FunctionalInterface
  public interface TaskPriorityListener {
    /** Takes a priority, 0 to 15. */
    void taskPriority(int priority);
  }

  private final TimeStampCounter tsc;
  private final CpuModel model;
  private final Cpuid cpuid;
  private final ControlRegisterRules rules;
  private final Msrs msrs;
  private TaskPriorityListener taskPriority = priority -> {};

  /**
   * Creates one.
   *
   * @param clock what the TSC counts
   * @param model what it has
   * @param unknown what an access to an unknown MSR does
   * @param log hears of each such access
   */
  public StandardProcessor(
      GuestClock clock, CpuModel model, UnknownMsr unknown, Consumer<MsrAccess> log) {
    this.model = model;
    tsc = new TimeStampCounter(clock);
    cpuid = new Cpuid(TimeStampCounter.HZ, model);
    rules = new ControlRegisterRules(model);
    msrs = new Msrs(tsc, model, unknown, log);
  }

  /** Returns which processor it is. */
  public CpuModel model() {
    return model;
  }

  @Override
  public List<CpuidBit> lacking() {
    return Arrays.stream(CpuFeature.values())
        .filter(feature -> !model.has(feature))
        .map(CpuFeature::bit)
        .toList();
  }

  /** Returns what the TSC is ahead of guest time; it belongs to the clock's state. */
  public long timeStampOffset() {
    return tsc.offset();
  }

  /** Sets what the TSC is ahead of guest time. */
  public void setTimeStampOffset(long nanos) {
    tsc.setOffset(nanos);
  }

  @Override
  public String snapshotName() {
    return "processor";
  }

  @Override
  public int snapshotVersion() {
    return 2;
  }

  @Override
  public Captured capture() {
    return state(msrs.values());
  }

  @Override
  public Captured read(int version, StateReader in) {
    String written = version == 1 ? CpuModel.MAX.toString() : in.text();
    if (!written.equals(model.toString())) {
      throw in.bad("a processor " + written + " where the machine has " + model);
    }
    long[] values = in.longs();
    if (values.length != msrs.values().length) {
      throw in.bad(values.length + " MSRs");
    }
    return state(values);
  }

  private Captured state(long[] values) {
    return new Captured() {
      @Override
      public void restore() {
        msrs.setValues(values);
      }

      @Override
      public void write(StateWriter out) {
        out.text(model.toString());
        out.longs(values);
      }
    };
  }

  /** Adds a device whose registers are MSRs. */
  public void attach(MsrDevice device) {
    msrs.attach(device);
  }

  /** Sets whether CPUID tells of a local APIC. */
  public void setApic(boolean present) {
    cpuid.setApic(present);
  }

  /** Sets who hears that the guest has set its TSC. */
  public void setTimeStampListener(Runnable listener) {
    msrs.setTimeStampListener(listener);
  }

  /** Sets who hears of CR8. */
  public void setTaskPriorityListener(TaskPriorityListener listener) {
    taskPriority = listener;
  }

  @Override
  public Completion cpuid(CpuState cpu) {
    cpuid.execute(cpu);
    return Completion.DONE;
  }

  @Override
  public Completion readTimeStamp(CpuState cpu, boolean withAux) {
    long value = tsc.read();
    cpu.setGeneral(0, value & LOW);
    cpu.setGeneral(2, value >>> Integer.SIZE);
    if (withAux && !model.has(CpuFeature.RDTSCP)) {
      return Completion.INVALID_OPCODE;
    }
    if (withAux) {
      cpu.setGeneral(1, cpu.msr(TSC_AUX) & LOW);
    }
    return Completion.DONE;
  }

  @Override
  public Completion readMsr(CpuState cpu) {
    return msrs.read(cpu);
  }

  @Override
  public Completion writeMsr(CpuState cpu) {
    return msrs.write(cpu);
  }

  @Override
  public Completion writeControl(CpuState cpu, int register, long value) {
    if (!rules.accept(cpu, register, value)) {
      return Completion.GENERAL_PROTECTION;
    }
    if (register == CR8) {
      taskPriority.taskPriority((int) value);
    }
    return Completion.DONE;
  }

  @Override
  public Completion syscall(CpuState cpu) {
    return SystemCalls.syscall(cpu);
  }

  @Override
  public Completion sysenter(CpuState cpu) {
    return model.has(CpuFeature.SEP) ? SystemCalls.sysenter(cpu) : Completion.INVALID_OPCODE;
  }
}
