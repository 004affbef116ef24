package dev.kmemu.cli;

import dev.kmemu.cli.monitor.MonitorCommands;
import dev.kmemu.cli.report.BootJson;
import dev.kmemu.cli.report.BootReport;
import dev.kmemu.cli.report.BootText;
import dev.kmemu.cli.terminal.RawTerminal;
import dev.kmemu.cli.terminal.SerialInput;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.pc.PcDevice;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.pc.Standstill;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornException;
import dev.kmemu.gdb.server.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One boot, from an image that has been read to the report. */
final class BootSession {

  private final BootImage image;
  private final BootRequest request;
  private final RamSize ram;
  private final SerialTarget serial;
  private final TimeMode time;
  private final Set<PcDevice> devices;
  private final Optional<Duration> limit;

  /** Whether somebody watches who isn't a program. */
  private final boolean told = StandardStream.ERROR.isTerminal();

  /**
   * What the debugger's options say.
   *
   * @param address where to listen, or null
   * @param hold whether the CPU waits for the debugger
   * @param exit whether the machine goes with the guest
   */
  record Debugging(@Nullable Endpoint address, boolean hold, boolean exit) {}

  BootSession(
      BootImage image,
      BootRequest request,
      RamSize ram,
      SerialTarget serial,
      TimeMode time,
      Set<PcDevice> devices,
      Optional<Duration> limit) {
    this.image = image;
    this.request = request;
    this.ram = ram;
    this.serial = serial;
    this.time = time;
    this.devices = devices;
    this.limit = limit;
  }

  /** Boots, and tells of the end on the streams that are for it. */
  BootReport run(Debugging debugging, @Nullable JsonTarget json, boolean screen) {
    Unicorn unicorn = UnicornAccess.load();
    try (OutputStream out = serial.open();
        PcMachine pc = create(unicorn, out)) {
      Loaded loaded = load(pc);
      if (told) {
        System.err.print(BootText.beginning(image, ram, loaded, serial.isStandard()));
      }
      boolean quiet = json != null && json.isStandardOutput();
      BootReport report = run(pc, loaded, debugging, quiet);
      if (screen && !report.isKilled()) {
        pc.screen().lines().forEach(System.out::println);
        System.out.flush();
      }
      System.err.print(BootText.end(report, told));
      System.err.flush();
      if (json != null) {
        json.write(BootJson.of(report));
      }
      return report;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BootReport run(PcMachine pc, Loaded loaded, Debugging debugging, boolean quiet) {
    pc.machine().setEndsWithGuest(debugging.exit());
    pc.machine().setMonitor(MonitorCommands.of(pc.machine()));
    long entry = pc.machine().onCpu(cpu -> cpu.state().linearRip());
    try (GdbSession gdb = GdbSession.open(debugging.address(), pc.machine(), quiet)) {
      long began = System.nanoTime();
      Optional<Standstill> standstill;
      try (RawTerminal terminal = serial.isStandard() ? RawTerminal.enter() : null) {
        standstill = await(pc, debugging.hold(), terminal != null);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      GuestOutcome outcome = standstill.isPresent() ? null : pc.machine().outcome().join();
      BootReport report =
          BootReport.of(
              pc,
              image,
              loaded,
              entry,
              outcome,
              standstill,
              took,
              time == TimeMode.INSTRUCTIONS,
              ExitStatus.ofBoot(outcome));
      if (gdb.isOpen() && !debugging.exit() && !report.isKilled() && standstill.isEmpty()) {
        gdb.announceStayingUp();
        gdb.awaitKill();
      }
      return report;
    }
  }

  private PcMachine create(Unicorn unicorn, OutputStream out) {
    PcOptions options =
        PcOptions.standard()
            .withTime(time)
            .withDevices(devices)
            .withSerial(new SerialOutput(out))
            .withDebugConsole(new SerialOutput(serial.isStandard() ? out : System.out));
    try {
      return new PcMachine(unicorn, ram, options);
    } catch (UnicornException e) {
      throw CommandException.environment("boot: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(e.getMessage(), e);
    }
  }

  private Loaded load(PcMachine pc) {
    try {
      return pc.load(image, request);
    } catch (GuestImageException e) {
      throw CommandException.usage(e.getMessage(), e);
    }
  }

  /** Runs to the guest's end; returns where it is when its time is over before. */
  private Optional<Standstill> await(PcMachine pc, boolean hold, boolean keys) {
    SerialInput input =
        serial.isStandard()
            ? new SerialInput(System.in, pc.com1(), keys, pc.machine()::close)
            : null;
    try {
      if (!hold) {
        pc.machine().resume();
      }
      return await(pc);
    } finally {
      if (input != null) {
        input.stop();
      }
    }
  }

  private Optional<Standstill> await(PcMachine pc) {
    try {
      if (limit.isEmpty()) {
        pc.machine().outcome().join();
      } else {
        pc.machine().outcome().get(limit.get().toMillis(), TimeUnit.MILLISECONDS);
      }
      return Optional.empty();
    } catch (TimeoutException e) {
      pc.machine().pause();
      return Optional.of(Standstill.of(pc));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
