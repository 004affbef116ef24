package dev.kmemu.cli;

import dev.kmemu.cli.monitor.MonitorCommands;
import dev.kmemu.cli.report.JsonReport;
import dev.kmemu.cli.report.RunReport;
import dev.kmemu.cli.report.TextReport;
import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.device.DebugConsole;
import dev.kmemu.emulator.machine.MachineOptions;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornException;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.testkit.GuestReports;
import dev.kmemu.testkit.GuestWorkload;
import dev.kmemu.testkit.KernelMachine;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The main job: a guest program under the kernel VM. */
@Command(
    name = "run",
    header = "Run a guest program under the kernel VM and report.",
    description = {
      "",
      "Builds a kernel VM over a new machine, runs GUEST under it and prints the",
      "kernel map, wired pages with their KVAs, faults and counters.",
      ""
    })
final class RunCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "GUEST",
      description =
          "An ELF64 program, linked at 0xffffffff80000000 + its physical address. "
              + "Default: the built-in self-test.")
  private @Nullable Path guest;

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      defaultValue = "64M",
      converter = RamOption.class,
      description = "Guest RAM, 16M to 64G. Default: ${DEFAULT-VALUE}.")
  private RamSize ram = RamSize.parse("64M");

  @Option(
      names = "--time",
      paramLabel = "MODE",
      defaultValue = "wall",
      converter = TimeOption.class,
      description =
          "What guest time goes by: wall, the host's clock; or instructions, the executed"
              + " code: runs repeat exactly, and are up to half as fast. Default: "
              + "${DEFAULT-VALUE}.")
  private TimeMode time = TimeMode.WALL;

  @Option(
      names = "--cpu",
      paramLabel = "NAME[,+F][,-F]",
      converter = CpuOption.class,
      description = CpuOption.DESCRIPTION)
  private CpuModel cpu = CpuModel.MAX;

  @Mixin private DebuggingOptions debugging = new DebuggingOptions();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      converter = JsonTarget.Converter.class,
      description = "Also write the report as JSON; - for standard output only.")
  private @Nullable JsonTarget json;

  @Override
  public Integer call() {
    debugging.check("run");
    ElfImage image = readImage();
    if (json != null) {
      json.requireWritable();
    }
    Unicorn unicorn = UnicornAccess.load();
    debugging.rehearse(unicorn);
    try (KernelMachine kernel = boot(unicorn, image)) {
      return run(unicorn, kernel);
    } finally {
      debugging.endRehearsal();
    }
  }

  private int run(Unicorn unicorn, KernelMachine kernel) {
    boolean quiet = json != null && json.isStandardOutput();
    ConsoleText console = new ConsoleText(quiet ? null : System.out);
    DebugConsole device =
        new DebugConsole(
            character -> {
              if (!kernel.machine().isRepeating()) {
                console.accept(character);
              }
            });
    kernel.machine().ports().attach(DebugConsole.PORT, 1, device);
    GuestReports.attach(kernel);
    GuestWorkload workload = GuestWorkload.install(kernel);
    kernel.machine().setEndsWithGuest(debugging.exit());
    kernel.machine().setMonitor(MonitorCommands.of(kernel));
    if (!quiet) {
      System.out.println(TextReport.header(unicorn, ram, kernel.image(), workload));
    }
    // At the moment of the end, because a debugger that hears of it may kill the machine next.
    CompletableFuture<Optional<RunReport>> ended =
        kernel.machine().outcome().thenApply(outcome -> RunReport.ofEnd(kernel, outcome));
    try (GdbSession session = GdbSession.open(debugging, kernel.machine(), quiet)) {
      if (!debugging.hold()) {
        kernel.machine().resume();
      }
      Optional<RunReport> end = ended.join();
      if (end.isEmpty()) {
        return ExitStatus.OK;
      }
      RunReport report = end.get();
      if (!quiet) {
        System.out.print(TextReport.of(report));
        System.out.flush();
      }
      if (json != null) {
        json.write(JsonReport.of(report));
      }
      if (session.isOpen() && !debugging.exit()) {
        session.announceStayingUp();
        session.awaitKill();
      }
      return ExitStatus.of(report.outcome());
    }
  }

  private ElfImage readImage() {
    if (guest != null && guest.toString().isEmpty()) {
      throw CommandException.usage("run: GUEST is empty (name an ELF64 executable)", null);
    }
    try {
      return guest == null
          ? ElfImage.parse("self-test", FirmwareImage.selfTest().bytes())
          : ElfImage.read(guest);
    } catch (GuestImageException e) {
      throw CommandException.usage(e.getMessage(), e);
    }
  }

  private KernelMachine boot(Unicorn unicorn, ElfImage image) {
    try {
      return KernelMachine.boot(
          unicorn, ram, image, MachineOptions.standard().withTime(time).withCpu(cpu));
    } catch (UnicornException e) {
      throw CommandException.environment("run: " + e.getMessage(), e);
    } catch (IllegalArgumentException | GuestImageException e) {
      throw CommandException.usage(e.getMessage(), e);
    }
  }
}
