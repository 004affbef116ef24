package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestClock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The MC146818 clock and its memory. It shows UTC and has no interrupts of its own; seconds change
 * at once, so that no update is ever in progress. On the CPU's thread.
 */
public final class CmosRtc extends DeviceState implements PortDevice {

  /** The index port; the data port follows. */
  public static final int PORTS = 0x70;

  private static final int BYTES = 128;
  private static final int SECONDS = 0x00;
  private static final int MINUTES = 0x02;
  private static final int HOURS = 0x04;
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
  private static final int BASE_MEMORY = 0x15;
  private static final int EXTENDED_MEMORY = 0x17;
  private static final int EXTENDED_MEMORY_SEEN = 0x30;
  private static final int MEMORY_ABOVE_16_MIB = 0x34;
  private static final int MEMORY_ABOVE_4_GIB = 0x5B;
  private static final int BASE_KIB = 640;
  private static final long MOST_KIB = 0xFC00;
  private static final long MIB = 1L << 20;
  private static final long CHUNK = 64L << 10;

  private final GuestClock clock;
  private final Instant began;
  private final byte[] memory = new byte[BYTES];
  private int index;

  /**
   * Creates a clock.
   *
   * @param clock what it goes by
   * @param began the time of day when {@code clock} was 0
   * @param lowBytes the RAM below 4 GiB
   * @param highBytes the RAM from 4 GiB on
   */
  public CmosRtc(GuestClock clock, Instant began, long lowBytes, long highBytes) {
    super("rtc");
    this.clock = clock;
    this.began = began;
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
    }
    return true;
  }

  private int value(int at) {
    if (!isTime(at)) {
      return memory[at];
    }
    LocalDateTime now = LocalDateTime.ofInstant(began.plusNanos(clock.nanos()), ZoneOffset.UTC);
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
    long[] state = new long[BYTES + 1];
    for (int i = 0; i < BYTES; i++) {
      state[i] = memory[i];
    }
    state[BYTES] = index;
    return state;
  }

  @Override
  protected void restore(long[] state) {
    for (int i = 0; i < BYTES; i++) {
      memory[i] = (byte) state[i];
    }
    index = (int) state[BYTES] & (BYTES - 1);
  }
}
