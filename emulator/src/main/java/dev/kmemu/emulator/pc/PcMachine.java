package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.acpi.AcpiTables;
import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.cpu.CpuEngines;
import dev.kmemu.emulator.device.AcpiEvents;
import dev.kmemu.emulator.device.CmosRtc;
import dev.kmemu.emulator.device.DebugConsole;
import dev.kmemu.emulator.device.FirmwareConfig;
import dev.kmemu.emulator.device.Hpet;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.KeyboardController;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.device.Pit8254;
import dev.kmemu.emulator.device.PortSpace;
import dev.kmemu.emulator.device.PostCode;
import dev.kmemu.emulator.device.PowerControl;
import dev.kmemu.emulator.device.ReplacedLine;
import dev.kmemu.emulator.device.ResetControl;
import dev.kmemu.emulator.device.TestDevice;
import dev.kmemu.emulator.device.TextScreen;
import dev.kmemu.emulator.device.Uart16550;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.RamLayout;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.virtio.DiskImage;
import dev.kmemu.emulator.virtio.RepeatableRandom;
import dev.kmemu.emulator.virtio.VirtioBlock;
import dev.kmemu.emulator.virtio.VirtioConsole;
import dev.kmemu.emulator.virtio.VirtioEntropy;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A PC: one CPU, RAM with the hole for devices, PICs, APICs, the timer, the clock, COM1, a text
 * screen, a keyboard, the ports that switch it off and reset it, and those of emulators for
 * debugging: 0xE9 and 0xF4. No PCI, and of the firmware only its tables.
 */
public final class PcMachine implements AutoCloseable {

  private static final int TIMER_LINE = 0;
  private static final int SCI = 9;

  /** Inputs 20 to 23 of the I/O APIC, which no ISA line has. */
  private static final int HPET_INPUTS = 0xF0_0000;

  private final Machine machine;
  private final PicPair pic;
  private final @Nullable ApicPair apics;
  private final Uart16550 com1;
  private final TextScreen screen;
  private final @Nullable PcConsole console;
  private final @Nullable PcKeyboard keyboard;
  private final @Nullable AcpiEvents powerEvents;
  private final PcFaults faults;

  /** Creates a PC, paused and without anything to run. */
  public PcMachine(CpuEngines engines, RamSize ram, PcOptions options) {
    machine = new Machine(engines, ram, options.machine().withLayout(RamLayout.PC));
    PortSpace ports = machine.ports();
    faults = new PcFaults(machine, options.disks());
    pic = new PicPair(machine::interruptsChanged);
    pic.attachTo(ports);
    machine.setInterruptController(pic);
    boolean hasRtc = options.has(PcDevice.RTC);
    apics = options.has(PcDevice.APIC) ? new ApicPair(machine, pic) : null;
    ReplacedLine timer = new ReplacedLine(line(TIMER_LINE));
    ReplacedLine clock = new ReplacedLine(line(CmosRtc.LINE));
    if (options.has(PcDevice.PIT)) {
      new Pit8254(machine.timers(), timer.original()).attachTo(ports);
    }
    if (hasRtc) {
      long low = machine.ram().holeStart();
      InterruptPin alarm = clock.original();
      new CmosRtc(machine.timers(), alarm, options.began(), low, ram.bytes() - low).attachTo(ports);
    }
    if (options.has(PcDevice.HPET)) {
      IntFunction<InterruptPin> inputs =
          apics == null ? n -> InterruptPin.UNCONNECTED : apics::input;
      int routes = apics == null ? 0 : HPET_INPUTS;
      Hpet hpet = new Hpet(machine.timers(), timer, clock, inputs, routes);
      machine.mmio().attach(Hpet.ADDRESS, Hpet.BYTES, hpet);
    }
    if (options.has(PcDevice.FIRMWARE_CONFIG)) {
      new FirmwareConfig(ram.bytes()).attachTo(ports);
    }
    VirtioSlots virtio = new VirtioSlots(machine, this::line);
    if (options.has(PcDevice.ENTROPY)) {
      virtio.add("rng", new VirtioEntropy(random(options.machine().time())));
    }
    console = options.console() == null ? null : console(virtio, options.console());
    addDisks(virtio, options.disks());
    if (!options.has(PcDevice.ACPI)) {
      powerEvents = null;
    } else {
      powerEvents = new AcpiEvents(machine.clock(), line(SCI));
      powerEvents.attachTo(ports);
      AcpiTables.Hardware hardware =
          new AcpiTables.Hardware(apics != null, hasRtc, options.has(PcDevice.HPET));
      AcpiTables.write(machine.ram(), hardware, virtio.taken());
    }
    if (apics != null) {
      MultiprocessorTable.write(machine.ram());
    }
    com1 =
        new Uart16550(Uart16550.COM1, line(Uart16550.COM1_LINE), unlessRepeating(options.serial()));
    com1.setReceivedOne(machine::changedFromOutside);
    com1.attachTo(ports);
    screen = new TextScreen(machine.ram(), machine.clock());
    screen.attachTo(ports);
    keyboard =
        PcKeyboard.create(machine, line(KeyboardController.LINE), options.has(PcDevice.KEYBOARD));
    new PowerControl(machine.power()).attachTo(ports);
    new ResetControl(machine.power()).attachTo(ports);
    ports.attach(PostCode.PORT, 1, new PostCode());
    ports.attach(DebugConsole.PORT, 1, new DebugConsole(unlessRepeating(options.debugConsole())));
    if (options.has(PcDevice.TEST)) {
      TestDevice test = new TestDevice(this::testLine);
      test.attachTo(ports);
      PhysicalAddress memory = new PhysicalAddress(TestDevice.MEMORY);
      machine.mmio().attach(memory, TestDevice.MEMORY_BYTES, test.memory());
    }
    try {
      options.faults().forEach(faults::add);
      machine.addSnapshotPart(faults);
    } catch (IllegalArgumentException e) {
      machine.close();
      throw e;
    }
    BiosDataArea.write(machine.ram());
    BiosVectors.write(machine.ram());
  }

  private RandomGenerator random(TimeMode time) {
    if (time == TimeMode.WALL) {
      return new SecureRandom();
    }
    RepeatableRandom random = new RepeatableRandom();
    machine.addSnapshotPart(random);
    return random;
  }

  private PcConsole console(VirtioSlots virtio, IntConsumer output) {
    VirtioConsole function = new VirtioConsole(unlessRepeating(output));
    return new PcConsole(machine, function, virtio.add("console", function));
  }

  private void addDisks(VirtioSlots virtio, List<DiskImage> disks) {
    for (int i = 0; i < disks.size(); i++) {
      virtio.add("block-" + i, new VirtioBlock(faults.disk(i, disks.get(i))));
      if (disks.get(i) instanceof Snapshotable changes) {
        machine.addSnapshotPart(changes);
      }
    }
  }

  /** Returns an ISA interrupt line: it leads to all controllers that there are. */
  private InterruptPin line(int number) {
    InterruptPin atPic = pic.pin(number);
    InterruptPin pin = apics == null ? atPic : InterruptPin.both(atPic, apics.pin(number));
    return faults.line(number, pin);
  }

  private IntConsumer unlessRepeating(IntConsumer output) {
    return character -> {
      if (!machine.isRepeating()) {
        output.accept(character);
      }
    };
  }

  /** Returns any line of the I/O APIC; the PICs have the ISA ones only. */
  private InterruptPin testLine(int number) {
    if (number < PicPair.LINES && number != PicPair.CASCADE) {
      return line(number);
    }
    return apics == null ? InterruptPin.UNCONNECTED : apics.pin(number);
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

  /** Returns what waits in the local APIC, for people; empty where there is none. */
  public String waitingAtApic() {
    return apics == null ? "" : apics.local().waiting();
  }

  /** Returns how many interrupts the CPU has taken. */
  public long interruptsTaken() {
    return apics == null ? pic.acknowledged() : apics.local().acknowledged();
  }

  /** Returns the serial port, which receives what the guest is to read. */
  public Uart16550 com1() {
    return com1;
  }

  /** Returns the screen. */
  public TextScreen screen() {
    return screen;
  }

  /** Returns the virtio console, empty when there is none. */
  public Optional<PcConsole> console() {
    return Optional.ofNullable(console);
  }

  /** Returns what makes its devices misbehave. */
  public PcFaultInjection faults() {
    return new PcFaultInjection(machine, faults);
  }

  /** Returns the buttons on its case. */
  public PcButtons buttons() {
    InterruptPin nmi = apics == null ? pic.nmiPin() : apics.local().nmiPin();
    return new PcButtons(machine, nmi, powerEvents);
  }

  /** Returns the keyboard, empty when there is none. */
  public Optional<PcKeyboard> keyboard() {
    return Optional.ofNullable(keyboard);
  }

  /** Closes the machine. Idempotent. */
  @Override
  public void close() {
    machine.close();
  }
}
