package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;

/**
 * The 8254 interval timer of a PC and port 0x61, which gates its third counter. Counter 0 leads to
 * an interrupt; counter 1 once refreshed memory. On the CPU's thread.
 */
public final class Pit8254 extends DeviceState implements PortDevice {

  /** Counter 0; the others and the control word follow. */
  public static final int PORTS = 0x40;

  /** The system control port, whose bits 0, 1, 4 and 5 belong to the timer. */
  public static final int SYSTEM_CONTROL = 0x61;

  private static final int COUNTERS = 3;
  private static final int CONTROL = PORTS + COUNTERS;
  private static final int SPEAKER_COUNTER = 2;
  private static final int READ_BACK = 3;
  private static final int GATE_AND_SPEAKER = 0x03;
  private static final int REFRESH = 0x10;
  private static final int OUTPUT = 0x20;

  /** A refresh cycle every 15 us; the bit changes with each. */
  private static final long REFRESH_NANOS = 15_085;

  private final GuestTimers timers;
  private final PitChannel[] channels;
  private int systemControl;

  /**
   * Creates the timer.
   *
   * @param out where counter 0 leads
   */
  public Pit8254(GuestTimers timers, InterruptPin out) {
    super("pit");
    this.timers = timers;
    channels =
        new PitChannel[] {
          new PitChannel(timers, out),
          new PitChannel(timers, InterruptPin.UNCONNECTED),
          new PitChannel(timers, InterruptPin.UNCONNECTED)
        };
    channels[SPEAKER_COUNTER].setGate(false);
  }

  /** Puts the timer behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(PORTS, COUNTERS + 1, this);
    ports.attach(SYSTEM_CONTROL, 1, this);
  }

  @Override
  public int read(int port, int size) {
    if (port == SYSTEM_CONTROL) {
      return systemControl
          | ((timers.now() / REFRESH_NANOS & 1) != 0 ? REFRESH : 0)
          | (channels[SPEAKER_COUNTER].output() ? OUTPUT : 0);
    }
    return port == CONTROL ? 0xFF : channels[port - PORTS].read();
  }

  @Override
  public boolean write(int port, int size, int value) {
    if (port == SYSTEM_CONTROL) {
      systemControl = value & GATE_AND_SPEAKER;
      boolean gate = (value & 1) != 0;
      if (gate != channels[SPEAKER_COUNTER].gate()) {
        channels[SPEAKER_COUNTER].setGate(gate);
      }
    } else if (port == CONTROL) {
      control(value & 0xFF);
    } else {
      channels[port - PORTS].write(value & 0xFF);
    }
    return true;
  }

  private void control(int value) {
    int selected = value >> 6;
    if (selected != READ_BACK) {
      channels[selected].control(value);
      return;
    }
    for (int i = 0; i < COUNTERS; i++) {
      if ((value & 2 << i) != 0) {
        if ((value & 0x20) == 0) {
          channels[i].latchCount();
        }
        if ((value & 0x10) == 0) {
          channels[i].latchStatus();
        }
      }
    }
  }

  @Override
  protected long[] save() {
    long[] state = new long[COUNTERS * PitChannel.STATE + 1];
    for (int i = 0; i < COUNTERS; i++) {
      channels[i].save(state, i * PitChannel.STATE);
    }
    state[state.length - 1] = systemControl;
    return state;
  }

  @Override
  protected void restore(long[] state) {
    for (int i = 0; i < COUNTERS; i++) {
      channels[i].restore(state, i * PitChannel.STATE);
    }
    systemControl = (int) state[state.length - 1] & GATE_AND_SPEAKER;
  }
}
