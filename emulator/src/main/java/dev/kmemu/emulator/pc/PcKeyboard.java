package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.DeviceState;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.KeyboardController;
import dev.kmemu.emulator.device.Ps2Keyboard;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.time.GuestTimers;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A PC's keyboard as its user types at it. Terminals tell of keys only when they are pressed: here
 * a key is held for a tenth of a second of guest time, longer when it is pressed again meanwhile.
 */
public final class PcKeyboard extends DeviceState {

  private static final long HELD_NANOS = 100_000_000;
  private static final int RELEASED = 0x80;
  private static final int[] MODIFIERS = {0x2A, 0x1D, 0x38};

  private final Machine machine;
  private final KeyboardController controller;
  private final GuestTimers.Timer timer;

  /** What is held, in the order in which it was pressed. */
  private int[] held = {};

  private PcKeyboard(Machine machine, KeyboardController controller) {
    super("keys");
    this.machine = machine;
    this.controller = controller;
    timer = machine.timers().create(this::release);
  }

  /**
   * Puts the controller into {@code machine}; returns its keyboard, null when there is to be none.
   */
  static @Nullable PcKeyboard create(Machine machine, InterruptPin line, boolean present) {
    Ps2Keyboard keys = present ? new Ps2Keyboard() : null;
    KeyboardController controller = new KeyboardController(machine.power(), line, keys);
    controller.attachTo(machine.ports());
    if (keys == null) {
      return null;
    }
    PcKeyboard typed = new PcKeyboard(machine, controller);
    machine.addSnapshotPart(keys);
    machine.addSnapshotPart(typed);
    return typed;
  }

  /**
   * Presses a key. From any thread; a running CPU is held for a moment.
   *
   * @return false when it should be offered again later
   */
  public boolean press(Keystroke stroke) {
    boolean taken = machine.onCpu(cpu -> pressNow(stroke));
    if (taken) {
      machine.changedFromOutside();
      machine.interruptsChanged();
    }
    return taken;
  }

  private boolean pressNow(Keystroke stroke) {
    int[] wanted = codes(stroke);
    boolean again = Arrays.equals(wanted, held);
    if (!again && held.length > 0 && !release()) {
      return false;
    }
    if (!(again ? controller.key(stroke.key()) : controller.key(wanted))) {
      return false;
    }
    held = wanted;
    timer.set(machine.timers().now() + HELD_NANOS);
    return true;
  }

  private static int[] codes(Keystroke stroke) {
    int[] codes = new int[MODIFIERS.length + 1];
    int count = 0;
    for (int i = 0; i < MODIFIERS.length; i++) {
      if ((stroke.modifiers() & 1 << i) != 0) {
        codes[count++] = MODIFIERS[i];
      }
    }
    codes[count++] = stroke.key();
    return Arrays.copyOf(codes, count);
  }

  private boolean release() {
    int[] ups = new int[held.length];
    for (int i = 0; i < ups.length; i++) {
      ups[i] = held[ups.length - 1 - i] | RELEASED;
    }
    boolean taken = controller.key(ups);
    if (taken) {
      held = new int[0];
      timer.cancel();
    } else {
      timer.set(machine.timers().now() + HELD_NANOS);
    }
    return taken;
  }

  @Override
  protected long[] save() {
    long[] state = new long[MODIFIERS.length + 2];
    for (int i = 0; i < held.length; i++) {
      state[i] = held[i];
    }
    state[state.length - 1] = timer.deadline();
    return state;
  }

  @Override
  protected void restore(long[] state) {
    held =
        Arrays.stream(state, 0, state.length - 1)
            .mapToInt(c -> (int) c)
            .filter(c -> c != 0)
            .toArray();
    timer.set(held.length == 0 ? GuestTimers.NONE : state[state.length - 1]);
  }
}
