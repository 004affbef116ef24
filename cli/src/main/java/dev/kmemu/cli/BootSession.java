package dev.kmemu.cli;

import dev.kmemu.cli.monitor.MonitorCommands;
import dev.kmemu.cli.report.BootJson;
import dev.kmemu.cli.report.BootReport;
import dev.kmemu.cli.report.BootText;
import dev.kmemu.cli.report.MapsText;
import dev.kmemu.cli.terminal.KeyboardInput;
import dev.kmemu.cli.terminal.LiveScreen;
import dev.kmemu.cli.terminal.RawTerminal;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.cli.terminal.StatusLine;
import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.boot.Loaded;
import dev.kmemu.emulator.cpu.CodeTally;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.pc.PcDevice;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.pc.Standstill;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
  private final @Nullable SerialTarget consoleTarget;
  private final List<DiskOption.Disk> disks;
  private final List<DeviceFault> faults;
  private final TimeMode time;
  private final CpuModel cpu;
  private final Set<PcDevice> devices;
  private final Optional<Duration> limit;
  private final Optional<ExitProfile> profile;

  /** Whether somebody watches who isn't a program. */
  private final boolean told = StandardStream.ERROR.isTerminal();

  /**
   * What is printed at the end.
   *
   * @param screen the text screen
   * @param live whether it is shown on the terminal before, too
   * @param maps what the page tables map
   */
  record Prints(boolean screen, boolean live, boolean maps) {}

  /** What is left of a machine that is over. */
  private record Ended(BootReport report, String prints) {}

  BootSession(
      BootImage image,
      BootRequest request,
      RamSize ram,
      SerialTarget serial,
      @Nullable SerialTarget consoleTarget,
      List<DiskOption.Disk> disks,
      List<DeviceFault> faults,
      TimeMode time,
      CpuModel cpu,
      Set<PcDevice> devices,
      Optional<Duration> limit,
      Optional<ExitProfile> profile) {
    this.image = image;
    this.request = request;
    this.ram = ram;
    this.serial = serial;
    this.consoleTarget = consoleTarget;
    this.disks = disks;
    this.faults = faults;
    this.time = time;
    this.cpu = cpu;
    this.devices = devices;
    this.limit = limit;
    this.profile = profile;
  }

  /** Boots, and tells of the end on the streams that are for it. */
  BootReport run(DebuggingOptions debugging, @Nullable JsonTarget json, Prints prints) {
    Unicorn unicorn = UnicornAccess.load();
    debugging.rehearse(unicorn);
    boolean quiet = json != null && json.isStandardOutput();
    try (GuestLines lines = GuestLines.open(serial, consoleTarget, quiet);
        Disks open = Disks.open(disks);
        PcMachine pc = create(unicorn, lines, open)) {
      Loaded loaded = load(pc);
      if (told) {
        System.err.print(BootText.beginning(image, ram, loaded, serial.isStandard()));
      }
      Ended ended = run(pc, lines, loaded, debugging, prints, quiet);
      lines.requireWritten();
      BootReport report = ended.report();
      System.out.print(ended.prints());
      System.out.flush();
      System.err.print(BootText.end(report, told));
      System.err.flush();
      if (json != null) {
        json.write(BootJson.of(report));
      }
      return report;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      debugging.endRehearsal();
    }
  }

  private Ended run(
      PcMachine pc,
      GuestLines lines,
      Loaded loaded,
      DebuggingOptions debugging,
      Prints prints,
      boolean quiet) {
    pc.machine().setEndsWithGuest(debugging.exit());
    pc.machine().setMonitor(MonitorCommands.of(pc));
    long entry = pc.machine().onCpu(cpu -> cpu.state().linearRip());
    // It counts from here on.
    Optional<CodeTally> meter = meter(pc, debugging, prints);
    try (GdbSession gdb = GdbSession.open(debugging, pc.machine(), quiet)) {
      long began = System.nanoTime();
      // At the moment of the end, because a debugger that hears of it may kill the machine next.
      CompletableFuture<Ended> end =
          pc.machine()
              .outcome()
              .thenApply(
                  outcome ->
                      look(
                          pc,
                          loaded,
                          entry,
                          meter,
                          began,
                          outcome,
                          Optional.empty(),
                          List.of(),
                          prints));
      boolean inTime;
      boolean standard = lines.areStandard();
      try (RawTerminal terminal =
              prints.live() ? RawTerminal.silence() : standard ? RawTerminal.enter() : null;
          LiveScreen live = prints.live() ? live(pc, meter, began) : null) {
        boolean keys = terminal != null;
        lines.connect(pc, keys);
        if (!debugging.hold()) {
          pc.machine().resume();
        }
        KeyboardInput keyboard = live != null && terminal != null ? keyboard(pc) : null;
        StatusLine status = standard || live != null ? null : status(pc, meter, began);
        try {
          inTime = await(CompletableFuture.anyOf(end, lines.failure()));
        } finally {
          if (status != null) {
            status.close();
          }
          if (keyboard != null) {
            keyboard.close();
          }
        }
      } finally {
        lines.disconnect();
      }
      lines.requireWritten();
      if (!inTime) {
        // First of all: a CPU whose output nobody takes can't be paused.
        List<String> untaken = lines.stop();
        pc.machine().dismissDebugger(ExitStatus.TIMEOUT);
        pc.machine().pause();
        Optional<Standstill> standstill = Optional.of(Standstill.of(pc));
        return look(pc, loaded, entry, meter, began, null, standstill, untaken, prints);
      }
      Ended ended = end.join();
      if (gdb.isOpen() && !debugging.exit() && !ended.report().isKilled()) {
        gdb.announceStayingUp();
        gdb.awaitKill();
      }
      return ended;
    }
  }

  /** Where nobody watches, and where a debugger may need the meter, nothing is counted. */
  private Optional<CodeTally> meter(PcMachine pc, DebuggingOptions debugging, Prints prints) {
    if (profile.isPresent() || time == TimeMode.INSTRUCTIONS) {
      return Optional.of(pc.machine().onCpu(CpuEngine::meter));
    }
    boolean watched = (told || prints.live()) && debugging.address() == null;
    return watched ? pc.machine().onCpu(CpuEngine::tally) : Optional.empty();
  }

  private Ended look(
      PcMachine pc,
      Loaded loaded,
      long entry,
      Optional<CodeTally> meter,
      long began,
      @Nullable GuestOutcome outcome,
      Optional<Standstill> standstill,
      List<String> untaken,
      Prints prints) {
    BootReport report =
        BootReport.of(
            pc,
            image,
            loaded,
            entry,
            outcome,
            standstill,
            untaken,
            Duration.ofNanos(System.nanoTime() - began),
            meter,
            profile,
            time == TimeMode.INSTRUCTIONS,
            ExitStatus.ofBoot(outcome));
    return new Ended(report, report.isKilled() ? "" : text(pc, prints));
  }

  private static String text(PcMachine pc, Prints prints) {
    StringBuilder text = new StringBuilder();
    if (prints.screen()) {
      pc.screen().lines().forEach(line -> text.append(line).append(System.lineSeparator()));
    }
    if (prints.maps()) {
      text.append(MapsText.of(pc.machine()));
    }
    return text.toString();
  }

  private PcMachine create(Unicorn unicorn, GuestLines lines, Disks open) {
    PcOptions options =
        PcOptions.standard()
            .withTime(time)
            .withCpu(cpu)
            .withDevices(devices)
            .withDisks(open.images())
            .withFaults(faults)
            .withSerial(lines.serial())
            .withDebugConsole(lines.debugConsole());
    if (consoleTarget != null) {
      options = options.withConsole(lines.console());
    }
    try {
      return new PcMachine(unicorn, ram, profile.map(options::withProfile).orElse(options));
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

  /** Returns what shows that the guest gets on, where nothing else is on the terminal. */
  private @Nullable StatusLine status(PcMachine pc, Optional<CodeTally> meter, long began) {
    return told ? StatusLine.show(System.err, () -> progress(pc, meter, began)) : null;
  }

  private static @Nullable KeyboardInput keyboard(PcMachine pc) {
    return pc.keyboard().map(keys -> new KeyboardInput(System.in, keys)).orElse(null);
  }

  private static LiveScreen live(PcMachine pc, Optional<CodeTally> meter, long began) {
    return LiveScreen.show(System.out, pc.screen(), () -> progress(pc, meter, began));
  }

  private static String progress(PcMachine pc, Optional<CodeTally> meter, long began) {
    return BootText.progress(
        Duration.ofNanos(System.nanoTime() - began),
        pc.interruptsTaken(),
        meter.map(BootReport::instructions).orElse(OptionalLong.empty()));
  }

  /** Waits for {@code end}; false when the guest's time is over before. */
  private boolean await(CompletableFuture<Object> end) {
    try {
      if (limit.isEmpty()) {
        end.join();
      } else {
        end.get(limit.get().toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
