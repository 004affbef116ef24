package dev.kmemu.emulator.device;

import org.jspecify.annotations.Nullable;

/**
 * An 8042 keyboard controller without a second channel (IBM PC/AT Technical Reference, "Keyboard
 * Controller"). Its own commands are answered at once. What a keyboard sends is translated to scan
 * code set 1 if the mode says so; without a keyboard, bytes for it are answered as ones that nobody
 * took. On the CPU's thread.
 */
public final class KeyboardController extends DeviceState implements PortDevice {

  /** The data port. */
  public static final int DATA = 0x60;

  /** Status when read, commands when written. */
  public static final int COMMAND = 0x64;

  /** The interrupt line of the keyboard. */
  public static final int LINE = 1;

  private static final int OUTPUT_FULL = 0x01;
  private static final int SYSTEM_FLAG = 0x04;
  private static final int LAST_WAS_COMMAND = 0x08;
  private static final int NOT_LOCKED = 0x10;
  private static final int TIMED_OUT = 0x40;
  private static final int INTERRUPTS = 0x01;
  private static final int KEYBOARD_DISABLED = 0x10;
  private static final int SECOND_DISABLED = 0x20;
  private static final int TRANSLATES = 0x40;
  private static final int NOT_RESET = 0x01;
  private static final int A20 = 0x02;
  private static final int SELF_TEST_PASSED = 0x55;
  private static final int LINE_STUCK = 0x01;
  private static final int NOBODY_ANSWERS = 0xFE;
  private static final int INPUT_PORT = 0xA0;
  private static final int NONE = -1;

  private static final int WRITE_MODE = 0x60;
  private static final int WRITE_OUTPUT_PORT = 0xD1;
  private static final int ECHO = 0xD2;
  private static final int ECHO_SECOND = 0xD3;
  private static final int WRITE_SECOND = 0xD4;

  private final PowerSwitch power;
  private final InterruptPin pin;
  private final @Nullable Ps2Keyboard keyboard;
  private int mode;
  private int outputPort = NOT_RESET | A20;
  private int answer = NONE;
  private int lastAnswer;
  private int argumentOf = NONE;
  private boolean wasCommand;
  private boolean timedOut;

  /** Whether the keyboard's next code is that of a key that is released. */
  private boolean released;

  /**
   * Creates the controller as a BIOS leaves it.
   *
   * @param pin the keyboard's interrupt
   * @param keyboard null where there is none
   */
  public KeyboardController(PowerSwitch power, InterruptPin pin, @Nullable Ps2Keyboard keyboard) {
    super("i8042");
    this.power = power;
    this.pin = pin;
    this.keyboard = keyboard;
    mode =
        SYSTEM_FLAG
            | SECOND_DISABLED
            | (keyboard == null ? KEYBOARD_DISABLED : INTERRUPTS | TRANSLATES);
  }

  /**
   * Presses or releases keys of the keyboard, as {@link Ps2Keyboard} says.
   *
   * @return false when they should be offered again later
   */
  public boolean key(int... keys) {
    Ps2Keyboard typed = keyboard;
    boolean taken = typed == null || typed.key(keys);
    listen();
    return taken;
  }

  /** Takes the next byte of the keyboard when there is room for it. */
  private void listen() {
    Ps2Keyboard talks = keyboard;
    while (talks != null && answer == NONE && (mode & KEYBOARD_DISABLED) == 0 && talks.hasMore()) {
      int octet = talks.next();
      if ((mode & TRANSLATES) == 0) {
        answer(octet);
      } else if (octet == ScanCodes.RELEASED) {
        released = true;
      } else {
        answer(ScanCodes.translated(octet) | (released ? ScanCodes.RELEASED_BIT : 0));
        released = false;
      }
    }
  }

  /** Puts the controller behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(DATA, 1, this);
    ports.attach(COMMAND, 1, this);
  }

  @Override
  public int read(int port, int size) {
    if (port == COMMAND) {
      return NOT_LOCKED
          | (mode & SYSTEM_FLAG)
          | (answer == NONE ? 0 : OUTPUT_FULL)
          | (wasCommand ? LAST_WAS_COMMAND : 0)
          | (timedOut ? TIMED_OUT : 0);
    }
    if (answer != NONE) {
      lastAnswer = answer;
      answer = NONE;
      timedOut = false;
      pin.set(false);
      listen();
    }
    return lastAnswer;
  }

  @Override
  public boolean write(int port, int size, int value) {
    boolean goesOn = take(port, value & 0xFF);
    listen();
    return goesOn;
  }

  private boolean take(int port, int octet) {
    wasCommand = port == COMMAND;
    if (wasCommand) {
      argumentOf = NONE;
      return command(octet);
    }
    int command = argumentOf;
    argumentOf = NONE;
    switch (command) {
      case WRITE_MODE -> mode = octet;
      case WRITE_OUTPUT_PORT -> {
        outputPort = octet;
        return (octet & NOT_RESET) != 0 || power.reset();
      }
      case ECHO, ECHO_SECOND -> answer(octet);
      case WRITE_SECOND -> {
        // There is nobody, and no channel on which that could be told.
      }
      default -> tellKeyboard(octet);
    }
    return true;
  }

  /** What is written to the keyboard lets it speak again. */
  private void tellKeyboard(int octet) {
    Ps2Keyboard listens = keyboard;
    if (listens == null) {
      timedOut = true;
      answer(NOBODY_ANSWERS);
    } else {
      mode &= ~KEYBOARD_DISABLED;
      released = false;
      listens.receive(octet);
    }
  }

  private boolean command(int command) {
    if (command >= 0xF0) {
      // Bits that are 0 are pulsed on the output port, of which bit 0 is the CPU's reset.
      return (command & NOT_RESET) != 0 || power.reset();
    }
    switch (command) {
      case 0x20 -> answer(mode);
      case WRITE_MODE, WRITE_OUTPUT_PORT, ECHO, ECHO_SECOND, WRITE_SECOND -> argumentOf = command;
      case 0xA7 -> mode |= SECOND_DISABLED;
      case 0xA8 -> mode &= ~SECOND_DISABLED;
      case 0xA9 -> answer(LINE_STUCK);
      case 0xAA -> answer(SELF_TEST_PASSED);
      case 0xAB -> answer(0);
      case 0xAD -> mode |= KEYBOARD_DISABLED;
      case 0xAE -> mode &= ~KEYBOARD_DISABLED;
      case 0xC0 -> answer(INPUT_PORT);
      case 0xD0 -> answer(outputPort);
      default -> {
        // Others are those of some makers only.
      }
    }
    return true;
  }

  private void answer(int value) {
    answer = value;
    pin.set((mode & INTERRUPTS) != 0);
  }

  @Override
  protected long[] save() {
    return new long[] {
      mode,
      outputPort,
      answer,
      lastAnswer,
      argumentOf,
      wasCommand ? 1 : 0,
      timedOut ? 1 : 0,
      released ? 1 : 0
    };
  }

  @Override
  protected void restore(long[] state) {
    mode = (int) state[0] & 0xFF;
    outputPort = (int) state[1] & 0xFF;
    answer = state[2] < 0 ? NONE : (int) state[2] & 0xFF;
    lastAnswer = (int) state[3] & 0xFF;
    argumentOf = (int) state[4];
    wasCommand = state[5] != 0;
    timedOut = state[6] != 0;
    released = state[7] != 0;
  }
}
