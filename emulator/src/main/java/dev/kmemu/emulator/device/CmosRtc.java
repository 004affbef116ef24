package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The MC146818 clock and its memory. It shows UTC; seconds change at once, so that no update is
 * ever in progress. Its interrupts are {@link RtcInterrupts}. On the CPU's thread.
 */
public final class CmosRtc extends DeviceState implements PortDevice {

  /** The index port; the data port follows. */
  public static final int PORTS = 0x70;

  /** Its interrupt line. */
  public static final int LINE = 8;

  private static final int BYTES = 128;
  private static final int SECONDS = 0x00;
  private static final int SECONDS_ALARM = 0x01;
  private static final int MINUTES = 0x02;
  private static final int MINUTES_ALARM = 0x03;
  private static final int HOURS = 0x04;
  private static final int HOURS_ALARM = 0x05;
  private static final int WEEKDAY = 0x06;
  private static final int DAY = 0x07;
  private static final int MONTH = 0x08;
  private static final int YEAR = 0x09;
  private static final int STATUS_A = 0x0A;
  private static final int STATUS_B = 0x0B;
  private static final int STATUS_C = 0x0C;
  private static final int STATUS_D = 0x0D;
  private static final int CENTURY = 0x32;
  private static final int DIVIDER_ON = 0x26;
  private static final int HOURS_OF_DAY = 0x02;
  private static final int BINARY = 0x04;
  private static final int VALID = 0x80;
  private static final int ANY_TIME = 0xC0;
  private static final int DAY_SECONDS = 86_400;
  private static final int HOUR_SECONDS = 3_600;
  private static final int MINUTE_SECONDS = 60;
  private static final int BASE_MEMORY = 0x15;
  private static final int EXTENDED_MEMORY = 0x17;
  private static final int EXTENDED_MEMORY_SEEN = 0x30;
  private static final int MEMORY_ABOVE_16_MIB = 0x34;
  private static final int MEMORY_ABOVE_4_GIB = 0x5B;
  private static final int BASE_KIB = 640;
  private static final long MOST_KIB = 0xFC00;
  private static final long MIB = 1L << 20;
  private static final long CHUNK = 64L << 10;

  private final GuestTimers timers;
  private final Instant began;
  private final RtcInterrupts interrupts;
  private final byte[] memory = new byte[BYTES];
  private int index;

  /**
   * Creates a clock.
   *
   * @param timers what it goes by
   * @param pin its interrupt
   * @param began the time of day when guest time was 0
   * @param lowBytes the RAM below 4 GiB
   * @param highBytes the RAM from 4 GiB on
   */
  public CmosRtc(
      GuestTimers timers, InterruptPin pin, Instant began, long lowBytes, long highBytes) {
    super("rtc");
    this.timers = timers;
    this.began = began;
    interrupts = new RtcInterrupts(timers, pin, began, this::nextAlarm);
    memory[STATUS_A] = DIVIDER_ON;
    memory[STATUS_B] = HOURS_OF_DAY;
    memory[STATUS_D] = (byte) VALID;
    put16(BASE_MEMORY, BASE_KIB);
    int extended = (int) Math.min(MOST_KIB, Math.max(0, lowBytes - MIB) >> 10);
    put16(EXTENDED_MEMORY, extended);
    put16(EXTENDED_MEMORY_SEEN, extended);
    put16(MEMORY_ABOVE_16_MIB, (int) Math.min(0xFFFF, Math.max(0, lowBytes - 16 * MIB) / CHUNK));
    put16(MEMORY_ABOVE_4_GIB, (int) (highBytes / CHUNK));
    memory[MEMORY_ABOVE_4_GIB + 2] = (byte) ((highBytes / CHUNK) >> 16);
  }

  /** Puts the clock behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(PORTS, 2, this);
  }

  @Override
  public int read(int port, int size) {
    return port == PORTS ? 0xFF : value(index) & 0xFF;
  }

  @Override
  public boolean write(int port, int size, int value) {
    if (port == PORTS) {
      index = value & (BYTES - 1);
    } else if (index != STATUS_C && index != STATUS_D && !isTime(index)) {
      memory[index] = (byte) value;
      if (index <= HOURS_ALARM || index == STATUS_A || index == STATUS_B) {
        interrupts.set(memory[STATUS_A], memory[STATUS_B]);
      }
    }
    return true;
  }

  private int value(int at) {
    if (at == STATUS_C) {
      return interrupts.read();
    }
    if (!isTime(at)) {
      return memory[at];
    }
    LocalDateTime now = LocalDateTime.ofInstant(began.plusNanos(timers.now()), ZoneOffset.UTC);
    return switch (at) {
      case SECONDS -> shown(now.getSecond());
      case MINUTES -> shown(now.getMinute());
      case HOURS -> hour(now.getHour());
      case WEEKDAY -> shown(now.getDayOfWeek().getValue() % 7 + 1);
      case DAY -> shown(now.getDayOfMonth());
      case MONTH -> shown(now.getMonthValue());
      case YEAR -> shown(now.getYear() % 100);
      default -> shown(now.getYear() / 100);
    };
  }

  /** Values from 0xC0 on are any time. */
  private long nextAlarm(long second) {
    for (int ahead = 1; ahead <= DAY_SECONDS; ) {
      int time = (int) Math.floorMod(second + ahead, (long) DAY_SECONDS);
      if (!isAlarm(HOURS_ALARM, hour(time / HOUR_SECONDS))) {
        ahead += HOUR_SECONDS - time % HOUR_SECONDS;
      } else if (!isAlarm(MINUTES_ALARM, shown(time / MINUTE_SECONDS % MINUTE_SECONDS))) {
        ahead += MINUTE_SECONDS - time % MINUTE_SECONDS;
      } else if (!isAlarm(SECONDS_ALARM, shown(time % MINUTE_SECONDS))) {
        ahead++;
      } else {
        return second + ahead;
      }
    }
    return GuestTimers.NONE;
  }

  private boolean isAlarm(int register, int value) {
    int wanted = memory[register] & 0xFF;
    return wanted >= ANY_TIME || wanted == value;
  }

  /** Setting the clock changes nothing: it goes by the machine's. */
  private static boolean isTime(int at) {
    return switch (at) {
      case SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY -> true;
      default -> false;
    };
  }

  private int hour(int hour) {
    if ((memory[STATUS_B] & HOURS_OF_DAY) != 0) {
      return shown(hour);
    }
    int onDial = hour % 12 == 0 ? 12 : hour % 12;
    return shown(onDial) | (hour >= 12 ? 0x80 : 0);
  }

  private int shown(int value) {
    return (memory[STATUS_B] & BINARY) != 0 ? value : ((value / 10) << 4) | (value % 10);
  }

  private void put16(int at, int value) {
    memory[at] = (byte) value;
    memory[at + 1] = (byte) (value >> 8);
  }

  @Override
  protected long[] save() {
    long[] state = new long[BYTES + 2];
    for (int i = 0; i < BYTES; i++) {
      state[i] = memory[i];
    }
    state[BYTES] = index;
    state[BYTES + 1] = interrupts.lastRead();
    return state;
  }

  @Override
  protected void restore(long[] state) {
    for (int i = 0; i < BYTES; i++) {
      memory[i] = (byte) state[i];
    }
    index = (int) state[BYTES] & (BYTES - 1);
    interrupts.setLastRead(state[BYTES + 1]);
    interrupts.set(memory[STATUS_A], memory[STATUS_B]);
  }
}
