package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.device.CmosRtc;
import dev.kmemu.emulator.device.DebugConsole;
import dev.kmemu.emulator.device.KeyboardController;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.device.Pit8254;
import dev.kmemu.emulator.device.PortSpace;
import dev.kmemu.emulator.device.PostCode;
import dev.kmemu.emulator.device.PowerControl;
import dev.kmemu.emulator.device.ResetControl;
import dev.kmemu.emulator.device.TextScreen;
import dev.kmemu.emulator.device.Uart16550;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.function.IntConsumer;

/**
 * A PC: one CPU, RAM from address 0, the PICs, the timer, the clock, COM1, a text screen, a
 * keyboard controller without a keyboard, the ports that switch it off and reset it, and those of
 * emulators for debugging: 0xE9 and 0xF4. No APIC, no PCI, no firmware.
 */
public final class PcMachine implements AutoCloseable {

  private static final int TIMER_LINE = 0;

  private final Machine machine;
  private final PicPair pic;
  private final Uart16550 com1;
  private final TextScreen screen;

  /** Creates a PC, paused and without anything to run. */
  public PcMachine(Unicorn unicorn, RamSize ram, PcOptions options) {
    machine = new Machine(unicorn, ram, options.machine());
    PortSpace ports = machine.ports();
    pic = new PicPair(machine::interruptsChanged);
    pic.attachTo(ports);
    new Pit8254(machine.timers(), pic.pin(TIMER_LINE)).attachTo(ports);
    new CmosRtc(machine.clock(), options.began(), ram.bytes()).attachTo(ports);
    com1 =
        new Uart16550(
            Uart16550.COM1, pic.pin(Uart16550.COM1_LINE), unlessRepeating(options.serial()));
    com1.setReceivedOne(machine::changedFromOutside);
    com1.attachTo(ports);
    screen = new TextScreen(machine.ram(), machine.clock());
    screen.attachTo(ports);
    new KeyboardController(machine.power(), pic.pin(KeyboardController.LINE)).attachTo(ports);
    new PowerControl(machine.power()).attachTo(ports);
    new ResetControl(machine.power()).attachTo(ports);
    ports.attach(PostCode.PORT, 1, new PostCode());
    ports.attach(DebugConsole.PORT, 1, new DebugConsole(unlessRepeating(options.debugConsole())));
    machine.setInterruptController(pic);
    BiosDataArea.write(machine.ram());
    BiosVectors.write(machine.ram());
  }

  private IntConsumer unlessRepeating(IntConsumer output) {
    return character -> {
      if (!machine.isRepeating()) {
        output.accept(character);
      }
    };
  }

  /**
   * Loads an image and lets the CPU stand at its entry.
   *
   * @throws dev.kmemu.emulator.boot.GuestImageException when it can't be loaded
   */
  public Loaded load(BootImage image, BootRequest request) {
    Loaded loaded = image.load(machine.ram(), request);
    machine.onCpu(
        cpu -> {
          loaded.entry().apply(cpu);
          return cpu;
        });
    return loaded;
  }

  /** Returns the machine itself, which runs the guest and is debugged. */
  public Machine machine() {
    return machine;
  }

  /** Returns the interrupt controllers. */
  public PicPair pic() {
    return pic;
  }

  /** Returns the serial port, which receives what the guest is to read. */
  public Uart16550 com1() {
    return com1;
  }

  /** Returns the screen. */
  public TextScreen screen() {
    return screen;
  }

  /** Closes the machine. Idempotent. */
  @Override
  public void close() {
    machine.close();
  }
}
