package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.time.GuestTimers;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * The local APIC of the only CPU (Intel SDM vol. 3A, chapter 10, "APIC"): what interrupts the CPU,
 * in which order. Its registers are {@link ApicRegisters}. It is new as a PC's firmware leaves it,
 * in virtual wire mode: enabled, with the 8259A at LINT0 and NMI at LINT1.
 *
 * <p>Interrupts may come from any thread; all else belongs to the CPU's.
 */
public final class LocalApic extends DeviceState implements InterruptSource {

  private static final int ISR = 0;
  private static final int IRR = 16;
  private static final int FIRST_LEGAL_VECTOR = 16;
  private static final int ENABLED = 1 << 8;
  private static final int SPURIOUS_WRITABLE = 0x3FF;
  private static final int SPURIOUS_RESET = 0xFF;
  private static final int LOWEST_PRIORITY = 1;

  private final InterruptSource pic;
  private final Runnable changed;
  private final ApicPriorities priorities = new ApicPriorities();
  final ApicLocalVectors local = new ApicLocalVectors();
  final ApicTimer timer;
  private final ApicErrors errors = new ApicErrors();
  private final ApicDestination destination = new ApicDestination();
  private IntConsumer taskPriorityChanged = priority -> {};
  private IntConsumer endOfLevel = vector -> {};

  private int spurious = SPURIOUS_RESET;
  private boolean present = true;
  private volatile boolean nmi;
  private long acknowledged;
  private volatile boolean pending;
  private volatile boolean passesPic = true;
  private volatile boolean tells;

  /**
   * Creates one.
   *
   * @param pic what is wired to LINT0
   * @param timeStampOffset what the TSC is ahead of guest time
   * @param changed tells the CPU to look: {@code Machine::interruptsChanged}
   */
  public LocalApic(
      GuestTimers timers, InterruptSource pic, LongSupplier timeStampOffset, Runnable changed) {
    super("local-apic");
    this.pic = pic;
    this.changed = changed;
    timer = new ApicTimer(timers, timeStampOffset, () -> fire(ApicLocalVectors.TIMER));
    reset();
    spurious |= ENABLED;
    local.set(ApicLocalVectors.LINT0, ApicLocalVectors.EXTERNAL << 8, true);
    local.set(ApicLocalVectors.LINT1, ApicLocalVectors.NMI << 8, true);
    settle();
  }

  /** Sets who hears of a task priority, 0 to 15, that the guest sets by the APIC and not CR8. */
  public void setTaskPriorityListener(IntConsumer listener) {
    taskPriorityChanged = listener;
  }

  /** Sets who hears the vector of each level-triggered interrupt that ends. */
  void setEndOfLevelListener(IntConsumer listener) {
    endOfLevel = listener;
  }

  /** Takes the task priority that the guest has moved to CR8, 0 to 15. */
  public void setTaskPriorityClass(int priority) {
    changeTaskPriority(priority << 4);
  }

  /** Says that the TSC has been set. */
  public void timeStampChanged() {
    timer.timeStampChanged();
    tell();
  }

  /** Returns the pin LINT1, to which a PC leads its NMI. */
  public InterruptPin nmiPin() {
    return high -> {
      if (high) {
        fire(ApicLocalVectors.LINT1);
      }
    };
  }

  /** Returns how many interrupts the CPU has taken, those of the 8259A included. */
  public synchronized long acknowledged() {
    return acknowledged;
  }

  ApicDestination destination() {
    return destination;
  }

  /** Delivers an interrupt of a local source by its entry of the local vector table. */
  void fire(int entry) {
    synchronized (this) {
      if (!present) {
        nmi |= entry == ApicLocalVectors.LINT1;
        tells |= nmi;
      } else if (!local.isMasked(entry)) {
        accept(local.mode(entry), local.vector(entry), false);
      }
    }
    tell();
  }

  /**
   * Takes a message of the interrupt bus, if it is for this CPU. The caller then calls {@link
   * #tell}, without holding locks.
   *
   * @param mode the delivery mode, 0 to 7
   * @return whether it was
   */
  synchronized boolean receive(int to, boolean logical, int mode, int vector, boolean isLevel) {
    if (!present || !destination.isMeant(to, logical)) {
      return false;
    }
    accept(mode == LOWEST_PRIORITY ? ApicLocalVectors.FIXED : mode, vector, isLevel);
    return true;
  }

  /** INIT, start-up and SMI messages do nothing: there is one CPU, and no SMM. */
  synchronized void accept(int mode, int vector, boolean isLevel) {
    if (mode == ApicLocalVectors.NMI) {
      tells |= !nmi;
      nmi = true;
    } else if (mode == ApicLocalVectors.FIXED && isEnabled()) {
      if (vector < FIRST_LEGAL_VECTOR) {
        noteError(ApicErrors.RECEIVED_ILLEGAL_VECTOR);
        return;
      }
      priorities.request(vector, isLevel);
      settle();
    }
  }

  /** Tells the CPU what has become pending; without holding locks. */
  void tell() {
    if (tells) {
      tells = false;
      changed.run();
    }
  }

  synchronized void noteError(int error) {
    if (errors.note(error)) {
      int vector = local.vector(ApicLocalVectors.ERROR);
      if (!local.isMasked(ApicLocalVectors.ERROR) && vector >= FIRST_LEGAL_VECTOR) {
        accept(ApicLocalVectors.FIXED, vector, false);
      }
    }
  }

  /** Returns ESR. */
  synchronized int errors() {
    return errors.shown();
  }

  /** Shows what has gone wrong since the last time. */
  synchronized void latchErrors() {
    errors.latch();
  }

  /** Ends the interrupt of the highest priority in service. */
  void endOfInterrupt() {
    int vector;
    boolean wasLevel;
    synchronized (this) {
      vector = priorities.end();
      if (vector == ApicPriorities.NONE) {
        return;
      }
      wasLevel = priorities.isLevel(vector);
      settle();
    }
    if (wasLevel) {
      endOfLevel.accept(vector);
    }
  }

  synchronized int taskPriority() {
    return priorities.taskPriority();
  }

  /** Sets TPR, and with it CR8. */
  void setTaskPriority(int priority) {
    changeTaskPriority(priority & 0xFF);
    taskPriorityChanged.accept((priority & 0xFF) >> 4);
  }

  private void changeTaskPriority(int priority) {
    synchronized (this) {
      priorities.setTaskPriority(priority);
      settle();
    }
    tell();
  }

  synchronized int processorPriority() {
    return priorities.processorPriority();
  }

  synchronized int spurious() {
    return spurious;
  }

  synchronized void setSpurious(int value) {
    spurious = value & SPURIOUS_WRITABLE;
    if (!isEnabled()) {
      local.maskAll();
    }
    settle();
  }

  synchronized void setLocal(int entry, int value) {
    local.set(entry, value, isEnabled());
    if (entry == ApicLocalVectors.TIMER) {
      timer.setMode(local.timerMode());
    }
    settle();
  }

  /** Returns the vectors that wait, IRR, and those that are in service, ISR, for people. */
  public synchronized String waiting() {
    return "requested " + priorities.list(IRR) + ", in service " + priorities.list(ISR);
  }

  synchronized int vectors(int register) {
    return priorities.register(register);
  }

  /** Switches the APIC off or on by IA32_APIC_BASE; it is as after a reset then. */
  synchronized void setPresent(boolean isPresent) {
    present = isPresent;
    reset();
    settle();
  }

  private void reset() {
    priorities.clear();
    local.reset();
    timer.reset();
    destination.reset();
    spurious = SPURIOUS_RESET;
    errors.clear();
  }

  private boolean isEnabled() {
    return (spurious & ENABLED) != 0;
  }

  private void settle() {
    boolean before = isPending();
    passesPic =
        !present
            || (!local.isMasked(ApicLocalVectors.LINT0)
                && local.mode(ApicLocalVectors.LINT0) == ApicLocalVectors.EXTERNAL);
    pending = present && isEnabled() && priorities.next() != ApicPriorities.NONE;
    tells |= !before && isPending();
  }

  @Override
  public boolean isPending() {
    return pending || (passesPic && pic.isPending());
  }

  @Override
  public int acknowledge() {
    synchronized (this) {
      if (pending) {
        acknowledged++;
        int vector = priorities.next();
        priorities.begin(vector);
        settle();
        return vector;
      }
    }
    int vector = passesPic ? pic.acknowledge() : NONE;
    if (vector != NONE) {
      count();
    }
    return vector;
  }

  private synchronized void count() {
    acknowledged++;
  }

  @Override
  public boolean isNmiPending() {
    return nmi;
  }

  @Override
  public synchronized void acknowledgeNmi() {
    nmi = false;
  }

  private static final int LOCAL = ApicPriorities.STATE;
  private static final int TIMER = LOCAL + ApicLocalVectors.ENTRIES;
  private static final int DESTINATION = TIMER + ApicTimer.STATE;
  private static final int ERRORS = DESTINATION + ApicDestination.STATE;
  private static final int OWN = ERRORS + ApicErrors.STATE;

  @Override
  protected synchronized long[] save() {
    long[] state = new long[OWN + 3];
    priorities.save(state, 0);
    local.save(state, LOCAL);
    timer.save(state, TIMER);
    destination.save(state, DESTINATION);
    errors.save(state, ERRORS);
    state[OWN] = spurious;
    state[OWN + 1] = present ? 1 : 0;
    state[OWN + 2] = nmi ? 1 : 0;
    return state;
  }

  @Override
  protected synchronized void restore(long[] state) {
    priorities.restore(state, 0);
    local.restore(state, LOCAL);
    timer.restore(state, TIMER);
    destination.restore(state, DESTINATION);
    errors.restore(state, ERRORS);
    spurious = (int) state[OWN] & SPURIOUS_WRITABLE;
    present = state[OWN + 1] != 0;
    nmi = state[OWN + 2] != 0;
    settle();
  }
}
