package dev.kmemu.emulator.device;

import java.util.function.IntConsumer;

/**
 * A 16550A serial port (National Semiconductor PC16550D data sheet). What is transmitted arrives at
 * once, so the transmitter is always empty; the baud rate is remembered and nothing else.
 * Characters may be received from any thread.
 */
public final class Uart16550 extends DeviceState implements PortDevice {

  /** The first port of COM1. */
  public static final int COM1 = 0x3F8;

  /** The interrupt line of COM1. */
  public static final int COM1_LINE = 4;

  private static final int REGISTERS = 8;
  private static final int FIFO = 16;

  private static final int IER_RECEIVED = 1;
  private static final int IER_TRANSMITTER_EMPTY = 2;
  private static final int IER_LINE_STATUS = 4;
  private static final int IIR_NONE = 1;
  private static final int IIR_TRANSMITTER_EMPTY = 2;
  private static final int IIR_RECEIVED = 4;
  private static final int IIR_LINE_STATUS = 6;
  private static final int IIR_TIMEOUT = 0xC;
  private static final int IIR_FIFOS = 0xC0;
  private static final int FCR_ENABLE = 1;
  private static final int FCR_CLEAR_RECEIVER = 2;
  private static final int LCR_DLAB = 0x80;
  private static final int MCR_RTS = 2;
  private static final int MCR_OUT2 = 8;
  private static final int MCR_LOOP = 0x10;
  private static final int LSR_RECEIVED = 1;
  private static final int LSR_OVERRUN = 2;
  private static final int LSR_EMPTY = 0x60;

  /** CTS, DSR and DCD: somebody listens. */
  private static final int MSR_CONNECTED = 0xB0;

  private static final int[] TRIGGERS = {1, 4, 8, 14};

  private final int base;
  private final InterruptPin pin;
  private final IntConsumer output;
  private final int[] received = new int[FIFO];
  private volatile Runnable receivedOne = () -> {};
  private int first;
  private int count;
  private int interruptEnable;
  private int fifoControl;
  private int lineControl = 3;
  private int modemControl;
  private int overrun;
  private int scratch;
  private int divisor = 1;
  private boolean transmitterEmptied;

  /**
   * Creates a port.
   *
   * @param base its first I/O port
   * @param pin its interrupt
   * @param output takes each transmitted character, 0 to 255
   */
  public Uart16550(int base, InterruptPin pin, IntConsumer output) {
    super("uart-" + Integer.toHexString(base));
    this.base = base;
    this.pin = pin;
    this.output = output;
  }

  /** Puts the port behind its I/O ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(base, REGISTERS, this);
  }

  /**
   * Receives a character, as from a line with hardware flow control: only while RTS is up.
   *
   * @return false when it should be offered again later
   */
  public boolean receive(int character) {
    synchronized (this) {
      if (!isReady()) {
        return false;
      }
      received[(first + count++) % FIFO] = character & 0xFF;
      update();
    }
    receivedOne.run();
    return true;
  }

  /** Sets what is called behind each character that was received, on the thread of its sender. */
  public void setReceivedOne(Runnable action) {
    receivedOne = action;
  }

  /** Waits until {@link #receive} would take a character. */
  public synchronized void awaitReady() throws InterruptedException {
    while (!isReady()) {
      wait();
    }
  }

  private boolean isReady() {
    return (modemControl & (MCR_RTS | MCR_LOOP)) == MCR_RTS && count < depth();
  }

  @Override
  public synchronized int read(int port, int size) {
    boolean latch = (lineControl & LCR_DLAB) != 0;
    int value =
        switch (port - base) {
          case 0 -> latch ? divisor & 0xFF : takeReceived();
          case 1 -> latch ? divisor >> 8 : interruptEnable;
          case 2 -> identify();
          case 3 -> lineControl;
          case 4 -> modemControl;
          case 5 -> lineStatus();
          case 6 -> modemStatus();
          default -> scratch;
        };
    update();
    return value;
  }

  @Override
  public boolean write(int port, int size, int value) {
    int octet = value & 0xFF;
    boolean transmits;
    synchronized (this) {
      transmits = set(port - base, octet);
      update();
    }
    if (transmits) {
      output.accept(octet);
    }
    return true;
  }

  /** Tells whether the character leaves. */
  private boolean set(int register, int value) {
    boolean latch = (lineControl & LCR_DLAB) != 0;
    switch (register) {
      case 0 -> {
        if (latch) {
          divisor = (divisor & 0xFF00) | value;
          return false;
        }
        return transmit(value);
      }
      case 1 -> {
        if (latch) {
          divisor = (divisor & 0xFF) | value << 8;
        } else {
          boolean wanted = (interruptEnable & IER_TRANSMITTER_EMPTY) != 0;
          interruptEnable = value & 0x0F;
          transmitterEmptied |= !wanted && (value & IER_TRANSMITTER_EMPTY) != 0;
        }
      }
      case 2 -> {
        if ((value & FCR_CLEAR_RECEIVER) != 0 || ((value ^ fifoControl) & FCR_ENABLE) != 0) {
          count = 0;
        }
        fifoControl = value & 0xC9;
      }
      case 3 -> lineControl = value;
      case 4 -> modemControl = value & 0x1F;
      case 7 -> scratch = value;
      default -> {
        // Line and modem status are read-only.
      }
    }
    return false;
  }

  private boolean transmit(int value) {
    // The line falls for a moment: the next "empty" is a new edge.
    transmitterEmptied = false;
    update();
    transmitterEmptied = true;
    if ((modemControl & MCR_LOOP) == 0) {
      return true;
    }
    if (count < depth()) {
      received[(first + count++) % FIFO] = value;
    } else {
      overrun = LSR_OVERRUN;
    }
    return false;
  }

  private int takeReceived() {
    if (count == 0) {
      return 0;
    }
    int character = received[first];
    first = (first + 1) % FIFO;
    count--;
    return character;
  }

  private int lineStatus() {
    int status = LSR_EMPTY | overrun | (count > 0 ? LSR_RECEIVED : 0);
    overrun = 0;
    return status;
  }

  /** In loopback the outputs DTR, RTS, OUT1 and OUT2 are DSR, CTS, RI and DCD. */
  private int modemStatus() {
    if ((modemControl & MCR_LOOP) == 0) {
      return MSR_CONNECTED;
    }
    return (modemControl & 1) << 5 | (modemControl & 2) << 3 | (modemControl & 0xC) << 4;
  }

  private int identify() {
    int cause = cause();
    if (cause == IIR_TRANSMITTER_EMPTY) {
      transmitterEmptied = false;
    }
    return cause | (isBuffered() ? IIR_FIFOS : 0);
  }

  private int cause() {
    if ((interruptEnable & IER_LINE_STATUS) != 0 && overrun != 0) {
      return IIR_LINE_STATUS;
    }
    if ((interruptEnable & IER_RECEIVED) != 0 && count > 0) {
      // Below the trigger level, the timeout of four characters' time is over at once.
      boolean triggered = !isBuffered() || count >= TRIGGERS[fifoControl >> 6];
      return triggered ? IIR_RECEIVED : IIR_TIMEOUT;
    }
    if ((interruptEnable & IER_TRANSMITTER_EMPTY) != 0 && transmitterEmptied) {
      return IIR_TRANSMITTER_EMPTY;
    }
    return IIR_NONE;
  }

  private boolean isBuffered() {
    return (fifoControl & FCR_ENABLE) != 0;
  }

  private int depth() {
    return isBuffered() ? FIFO : 1;
  }

  /** OUT2 connects the interrupt; not in loopback, where it doesn't leave the chip. */
  private void update() {
    boolean connected = (modemControl & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
    pin.set(connected && cause() != IIR_NONE);
    if (isReady()) {
      notifyAll();
    }
  }

  @Override
  protected synchronized long[] save() {
    long[] state = new long[FIFO + 9];
    for (int i = 0; i < count; i++) {
      state[i] = received[(first + i) % FIFO];
    }
    state[FIFO] = count;
    state[FIFO + 1] = interruptEnable;
    state[FIFO + 2] = fifoControl;
    state[FIFO + 3] = lineControl;
    state[FIFO + 4] = modemControl;
    state[FIFO + 5] = overrun;
    state[FIFO + 6] = scratch;
    state[FIFO + 7] = divisor;
    state[FIFO + 8] = transmitterEmptied ? 1 : 0;
    return state;
  }

  @Override
  protected synchronized void restore(long[] state) {
    first = 0;
    count = (int) Math.max(0, Math.min(FIFO, state[FIFO]));
    for (int i = 0; i < count; i++) {
      received[i] = (int) state[i] & 0xFF;
    }
    interruptEnable = (int) state[FIFO + 1] & 0x0F;
    fifoControl = (int) state[FIFO + 2] & 0xC9;
    lineControl = (int) state[FIFO + 3] & 0xFF;
    modemControl = (int) state[FIFO + 4] & 0x1F;
    overrun = (int) state[FIFO + 5] & LSR_OVERRUN;
    scratch = (int) state[FIFO + 6] & 0xFF;
    divisor = (int) state[FIFO + 7] & 0xFFFF;
    transmitterEmptied = state[FIFO + 8] != 0;
    update();
  }
}
