package dev.kmemu.emulator.device;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.time.GuestTimers;
import java.util.function.IntFunction;

/**
 * The high precision event timer (IA-PC HPET specification 1.0a): a counter of 64 bits that counts
 * 100 MHz, and three timers that compare it. In legacy replacement mode the first two take the
 * places of the 8254 and of the clock at the interrupt controllers. Messages instead of interrupts
 * (FSB) don't exist. On the CPU's thread.
 *
 * <p>The CPU loads 64 bits as two halves, the low one first.
 */
public final class Hpet extends DeviceState implements MmioDevice {

  /** Where a PC has it. */
  public static final PhysicalAddress ADDRESS = new PhysicalAddress(0xFED0_0000L);

  /** Bytes that it answers. */
  public static final int BYTES = 0x400;

  /** Its first register, capabilities and identity, without the period of its clock. */
  public static final int CAPABILITIES = 0x8086_A201;

  private static final long FEMTOS = 10_000_000;
  private static final long NANOS = 10;
  private static final int TIMERS = 3;
  private static final int SCALARS = 5;
  private static final long LOW = 0xFFFF_FFFFL;

  private static final int CONFIGURATION = 0x010;
  private static final int STATUS = 0x020;
  private static final int COUNTER = 0x0F0;
  private static final int FIRST_TIMER = 0x100;
  private static final int TIMER_BYTES = 0x20;
  private static final int COMPARATOR = 0x08;
  private static final int RUNS = 1;
  private static final int REPLACES = 2;
  private static final int HALF = 4;

  private final GuestTimers timers;
  private final ReplacedLine[] legacy;
  private final IntFunction<InterruptPin> inputs;
  private final HpetComparator[] comparators = new HpetComparator[TIMERS];
  private int configuration;
  private int status;

  /** The counter's value at {@link #started}, or for as long as it stands. */
  private long base;

  private long started;

  /**
   * Creates one that stands at 0.
   *
   * @param timer the line of the 8254
   * @param clock the line of the clock
   * @param inputs the inputs of the I/O APIC
   * @param routes those that the timers may lead to, input 0 in bit 0; 0 where there is none
   */
  public Hpet(
      GuestTimers timers,
      ReplacedLine timer,
      ReplacedLine clock,
      IntFunction<InterruptPin> inputs,
      int routes) {
    super("hpet");
    this.timers = timers;
    this.legacy = new ReplacedLine[] {timer, clock};
    this.inputs = inputs;
    for (int i = 0; i < TIMERS; i++) {
      comparators[i] = new HpetComparator(this, timers, routes);
    }
  }

  boolean isRunning() {
    return (configuration & RUNS) != 0;
  }

  long counter() {
    return isRunning() ? base + (timers.now() - started) / NANOS : base;
  }

  /** Returns the guest time at which the running counter is {@code away} from {@code counter}. */
  long nanosOf(long counter, long away) {
    long passed = counter - base;
    long most = (GuestTimers.NONE - 1 - started) / NANOS - passed;
    return Long.compareUnsigned(away, most) > 0
        ? GuestTimers.NONE
        : started + (passed + away) * NANOS;
  }

  /** Interrupts by a timer that has got to its comparator. */
  void matched(HpetComparator timer) {
    int number = timer == comparators[0] ? 0 : timer == comparators[1] ? 1 : 2;
    if (timer.isLevel()) {
      status |= 1 << number;
      drive(number);
    } else if (timer.interrupts()) {
      pin(number).pulse();
    }
  }

  private void drive(int number) {
    HpetComparator timer = comparators[number];
    if (timer.isLevel()) {
      boolean asks = (status & 1 << number) != 0 && timer.interrupts() && isRunning();
      pin(number).set(asks);
    }
  }

  private InterruptPin pin(int number) {
    if (replaces() && number < legacy.length) {
      return legacy[number].replacement();
    }
    return inputs.apply(comparators[number].route());
  }

  private boolean replaces() {
    return (configuration & REPLACES) != 0;
  }

  @Override
  public long read(int offset, int size) {
    long register = register(offset & -Long.BYTES);
    return register >>> ((offset & (Long.BYTES - 1)) * Byte.SIZE);
  }

  private long register(int offset) {
    if (offset >= FIRST_TIMER && offset < FIRST_TIMER + TIMERS * TIMER_BYTES) {
      HpetComparator timer = comparators[(offset - FIRST_TIMER) / TIMER_BYTES];
      return switch (offset % TIMER_BYTES) {
        case 0 -> timer.configuration();
        case COMPARATOR -> timer.comparator();
        default -> 0;
      };
    }
    return switch (offset) {
      case 0 -> FEMTOS << Integer.SIZE | (CAPABILITIES & LOW);
      case CONFIGURATION -> configuration;
      case STATUS -> status;
      case COUNTER -> counter();
      default -> 0;
    };
  }

  /** Registers are written by 32 bits at least: 2.3.2. */
  @Override
  public boolean write(int offset, int size, long value) {
    if (size == Integer.BYTES) {
      boolean high = (offset & HALF) != 0;
      int register = offset & ~HALF;
      if (register >= FIRST_TIMER && register < FIRST_TIMER + TIMERS * TIMER_BYTES) {
        writeTimer((register - FIRST_TIMER) / TIMER_BYTES, register % TIMER_BYTES, high, value);
      } else if (register == COUNTER && !isRunning()) {
        base = high ? (base & LOW) | value << Integer.SIZE : (base & ~LOW) | (value & LOW);
      } else if (!high && register == CONFIGURATION) {
        configure((int) value & (RUNS | REPLACES));
      } else if (!high && register == STATUS) {
        int cleared = status & (int) value;
        status &= ~cleared;
        for (int i = 0; i < TIMERS; i++) {
          if ((cleared & 1 << i) != 0) {
            drive(i);
          }
        }
      }
    }
    return true;
  }

  private void writeTimer(int number, int register, boolean high, long value) {
    HpetComparator timer = comparators[number];
    if (register == COMPARATOR) {
      timer.setComparator(value, high);
    } else if (register == 0 && !high) {
      if (timer.isLevel()) {
        pin(number).set(false);
      }
      timer.configure((int) value);
      if (!timer.isLevel()) {
        status &= ~(1 << number);
      }
      drive(number);
    }
  }

  private void configure(int value) {
    long counter = counter();
    for (int i = 0; i < TIMERS; i++) {
      if (comparators[i].isLevel()) {
        pin(i).set(false);
      }
    }
    configuration = value;
    base = counter;
    started = timers.now();
    for (ReplacedLine line : legacy) {
      line.setReplaced(replaces());
    }
    for (int i = 0; i < TIMERS; i++) {
      drive(i);
      comparators[i].arm(false);
    }
  }

  @Override
  protected long[] save() {
    long[] state = new long[SCALARS + TIMERS * HpetComparator.STATE];
    state[0] = configuration;
    state[1] = status;
    state[2] = base;
    state[3] = started;
    state[4] = legacy[0].save() | legacy[1].save() << 8;
    for (int i = 0; i < TIMERS; i++) {
      comparators[i].save(state, SCALARS + i * HpetComparator.STATE);
    }
    return state;
  }

  @Override
  protected void restore(long[] state) {
    configuration = (int) state[0] & (RUNS | REPLACES);
    status = (int) state[1] & ((1 << TIMERS) - 1);
    base = state[2];
    started = state[3];
    legacy[0].restore(state[4] & 0xFF);
    legacy[1].restore(state[4] >> 8 & 0xFF);
    for (int i = 0; i < TIMERS; i++) {
      comparators[i].restore(state, SCALARS + i * HpetComparator.STATE);
      comparators[i].arm(false);
    }
  }
}
