package dev.kmemu.emulator.device;

import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.Arrays;

/**
 * The 82093AA I/O APIC (Intel data sheet, 290566): 24 pins, each with an entry that says as what it
 * interrupts the CPU. A pin that is high asks, whatever polarity its entry names. Pins may be
 * driven from any thread.
 */
public final class IoApic extends DeviceState implements MmioDevice {

  /** Where a PC has its first one. */
  public static final PhysicalAddress ADDRESS = new PhysicalAddress(0xFEC0_0000L);

  /** Bytes that it answers. */
  public static final int BYTES = 0x20;

  /** Number of pins. */
  public static final int PINS = 24;

  private static final int SELECT = 0x00;
  private static final int WINDOW = 0x10;
  private static final int ID = 0;
  private static final int VERSION = 1;
  private static final int ARBITRATION = 2;
  private static final int ENTRIES = 0x10;
  private static final int VERSION_VALUE = (PINS - 1) << 16 | 0x11;
  private static final int ID_BITS = 0x0F00_0000;

  private static final int LOGICAL = 1 << 11;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int WRITABLE = 0x1_AFFF;
  private static final long LOW = 0xFFFF_FFFFL;
  private static final long TO = 0xFF00_0000_0000_0000L;

  private final LocalApic cpu;
  private final long[] entries = new long[PINS];
  private int select;
  private int id;
  private int high;

  /** Creates one whose pins are all masked, and whose messages go to {@code cpu}. */
  public IoApic(LocalApic cpu) {
    super("io-apic");
    this.cpu = cpu;
    Arrays.fill(entries, MASKED);
    cpu.setEndOfLevelListener(this::endOfInterrupt);
  }

  /** Returns an input, 0 to 23. */
  public InterruptPin pin(int number) {
    if (number < 0 || number >= PINS) {
      throw new IllegalArgumentException("the I/O APIC has the pins 0 to 23, not " + number);
    }
    return isHigh -> drive(number, isHigh);
  }

  private void drive(int pin, boolean isHigh) {
    synchronized (this) {
      int bit = 1 << pin;
      boolean rises = isHigh && (high & bit) == 0;
      high = isHigh ? high | bit : high & ~bit;
      if (isLevel(pin) ? isHigh : rises) {
        serve(pin);
      }
    }
    cpu.tell();
  }

  private boolean isLevel(int pin) {
    return (entries[pin] & LEVEL) != 0;
  }

  /** Sends a pin's message; a masked pin's edge is lost, and a level waits for its end. */
  private void serve(int pin) {
    long entry = entries[pin];
    if ((entry & (MASKED | REMOTE_IRR)) == 0) {
      int mode = (int) entry >> 8 & 7;
      boolean level = isLevel(pin) && mode <= 1;
      boolean taken =
          cpu.receive(
              ApicDestination.ofByte((int) (entry >>> 56)),
              (entry & LOGICAL) != 0,
              mode,
              (int) entry & 0xFF,
              level);
      if (taken && level) {
        entries[pin] |= REMOTE_IRR;
      }
    }
  }

  private void endOfInterrupt(int vector) {
    synchronized (this) {
      for (int pin = 0; pin < PINS; pin++) {
        if ((entries[pin] & REMOTE_IRR) != 0 && (entries[pin] & 0xFF) == vector) {
          entries[pin] &= ~REMOTE_IRR;
          serveLevel(pin);
        }
      }
    }
    cpu.tell();
  }

  private void serveLevel(int pin) {
    if (isLevel(pin) && (high & 1 << pin) != 0) {
      serve(pin);
    }
  }

  @Override
  public synchronized long read(int offset, int size) {
    return switch (offset) {
      case SELECT -> select;
      case WINDOW -> register() & LOW;
      default -> 0;
    };
  }

  private long register() {
    int pin = (select - ENTRIES) >> 1;
    if (pin >= 0 && pin < PINS) {
      return (select & 1) == 0 ? entries[pin] : entries[pin] >>> Integer.SIZE;
    }
    return switch (select) {
      case ID, ARBITRATION -> id;
      case VERSION -> VERSION_VALUE;
      default -> 0;
    };
  }

  @Override
  public boolean write(int offset, int size, long value) {
    synchronized (this) {
      if (offset == SELECT) {
        select = (int) value & 0xFF;
      } else if (offset == WINDOW && size == Integer.BYTES) {
        setRegister((int) value);
      }
    }
    cpu.tell();
    return true;
  }

  private void setRegister(int value) {
    int pin = (select - ENTRIES) >> 1;
    if (pin >= 0 && pin < PINS) {
      if ((select & 1) == 0) {
        // An edge has no remote IRR: kernels clear one by making the pin an edge for a moment.
        long kept = (value & LEVEL) != 0 ? entries[pin] & (TO | REMOTE_IRR) : entries[pin] & TO;
        entries[pin] = kept | (value & WRITABLE);
        serveLevel(pin);
      } else {
        entries[pin] = (entries[pin] & LOW) | ((long) value << Integer.SIZE & TO);
      }
    } else if (select == ID) {
      id = value & ID_BITS;
    }
  }

  @Override
  protected synchronized long[] save() {
    long[] state = Arrays.copyOf(entries, PINS + 3);
    state[PINS] = select;
    state[PINS + 1] = id;
    state[PINS + 2] = high;
    return state;
  }

  @Override
  protected synchronized void restore(long[] state) {
    for (int pin = 0; pin < PINS; pin++) {
      entries[pin] = state[pin] & (TO | WRITABLE | REMOTE_IRR);
    }
    select = (int) state[PINS] & 0xFF;
    id = (int) state[PINS + 1] & ID_BITS;
    high = (int) state[PINS + 2] & ((1 << PINS) - 1);
  }
}
