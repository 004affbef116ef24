package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.InterruptSource;

/**
 * The two 8259A of a PC with their edge/level registers: 16 lines, of which the master's line 2 is
 * the slave. Pins may be driven from any thread.
 */
public final class PicPair extends DeviceState implements PortDevice, InterruptSource {

  /** A register of a controller. */
  public enum Register {
    /** IRR: what asks for an interrupt. */
    REQUESTED,
    /** ISR: what is being served. */
    IN_SERVICE,
    /** IMR: what is masked. */
    MASKED
  }

  /** The master's first port; the second one follows. */
  public static final int MASTER = 0x20;

  /** The slave's first port; the second one follows. */
  public static final int SLAVE = 0xA0;

  /** The edge/level control register of lines 0 to 7; that of the others follows. */
  public static final int LEVELS = 0x4D0;

  /** How many lines the two have, the one between them included. */
  public static final int LINES = 16;

  /** The line between the two. */
  public static final int CASCADE = 2;

  private static final int LINES_OF_ONE = 8;

  /** Lines 0, 1, 2, 8 and 13 are edges, whatever is written. */
  private static final int MASTER_MAY_BE_LEVEL = 0xF8;

  private static final int SLAVE_MAY_BE_LEVEL = 0xDE;

  private final Runnable changed;
  private final Pic8259 master = new Pic8259(true);
  private final Pic8259 slave = new Pic8259(false);
  private volatile boolean pending;
  private volatile boolean nmi;
  private long acknowledged;

  /**
   * Creates the pair.
   *
   * @param changed tells the CPU to look: {@code Machine::interruptsChanged}
   */
  public PicPair(Runnable changed) {
    super("pic");
    this.changed = changed;
  }

  /** Puts the pair behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(MASTER, 2, this);
    ports.attach(SLAVE, 2, this);
    ports.attach(LEVELS, 2, this);
  }

  /** Returns an input, 0 to 15 but 2. */
  public InterruptPin pin(int line) {
    if (line < 0 || line >= LINES || line == CASCADE) {
      throw new IllegalArgumentException("the PICs have the lines 0 to 15 but 2, not " + line);
    }
    return high -> drive(line, high);
  }

  private void drive(int line, boolean high) {
    boolean wake;
    synchronized (this) {
      (line < LINES_OF_ONE ? master : slave).setLine(line % LINES_OF_ONE, high);
      wake = settle();
    }
    if (wake) {
      changed.run();
    }
  }

  /** Leads the slave to the master; tells whether an interrupt has become pending. */
  private boolean settle() {
    master.setCascade(slave.request() != Pic8259.NONE);
    boolean before = pending;
    pending = master.request() != Pic8259.NONE;
    return pending && !before;
  }

  /**
   * Returns one of the registers of all 16 lines, line 0 in bit 0.
   *
   * @param register which one
   */
  public synchronized int register(Register register) {
    return master.register(register) | slave.register(register) << LINES_OF_ONE;
  }

  /** Returns how many interrupts the CPU has taken. */
  public synchronized long acknowledged() {
    return acknowledged;
  }

  @Override
  public boolean isPending() {
    return pending;
  }

  @Override
  public synchronized int acknowledge() {
    int line = master.request();
    acknowledged++;
    if (line == Pic8259.NONE) {
      // A request that has gone away is answered as line 7, which isn't in service then.
      return master.vector(Pic8259.SPURIOUS);
    }
    master.acknowledge(line);
    int vector = master.vector(line);
    if (line == CASCADE) {
      int behind = slave.request();
      vector = slave.vector(behind == Pic8259.NONE ? Pic8259.SPURIOUS : behind);
      if (behind != Pic8259.NONE) {
        slave.acknowledge(behind);
      }
    }
    settle();
    return vector;
  }

  /** Returns the line NMI of a PC without a local APIC, which passes by the controllers. */
  public InterruptPin nmiPin() {
    return high -> {
      if (high) {
        nmi = true;
        changed.run();
      }
    };
  }

  @Override
  public boolean isNmiPending() {
    return nmi;
  }

  @Override
  public void acknowledgeNmi() {
    nmi = false;
  }

  @Override
  public synchronized int read(int port, int size) {
    int value =
        switch (port) {
          case MASTER -> master.readCommand();
          case MASTER + 1 -> master.readData();
          case SLAVE -> slave.readCommand();
          case SLAVE + 1 -> slave.readData();
          case LEVELS -> master.levelTriggered();
          default -> slave.levelTriggered();
        };
    settle();
    return value;
  }

  @Override
  public boolean write(int port, int size, int value) {
    boolean wake;
    synchronized (this) {
      switch (port) {
        case MASTER -> master.writeCommand(value & 0xFF);
        case MASTER + 1 -> master.writeData(value & 0xFF);
        case SLAVE -> slave.writeCommand(value & 0xFF);
        case SLAVE + 1 -> slave.writeData(value & 0xFF);
        case LEVELS -> master.setLevelTriggered(value & MASTER_MAY_BE_LEVEL);
        default -> slave.setLevelTriggered(value & SLAVE_MAY_BE_LEVEL);
      }
      wake = settle();
    }
    if (wake) {
      changed.run();
    }
    return true;
  }

  @Override
  protected synchronized long[] save() {
    long[] state = new long[2 * Pic8259.STATE + 1];
    state[2 * Pic8259.STATE] = nmi ? 1 : 0;
    master.save(state, 0);
    slave.save(state, Pic8259.STATE);
    return state;
  }

  @Override
  protected synchronized void restore(long[] state) {
    master.restore(state, 0);
    slave.restore(state, Pic8259.STATE);
    nmi = state[2 * Pic8259.STATE] != 0;
    settle();
  }
}
