package dev.kmemu.cli;

import dev.kmemu.cli.report.BootReport;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.emulator.boot.BootImage;
import dev.kmemu.emulator.boot.BootImages;
import dev.kmemu.emulator.boot.BootModule;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.pc.PcDevice;
import dev.kmemu.emulator.time.TimeMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Boots an image that brings its own kernel. */
@Command(
    name = "boot",
    header = "Boot an image with a kernel of its own on an emulated PC.",
    description = {
      "",
      "Boots a Linux bzImage, a Multiboot (1 or 2) or PVH kernel, or a flat binary. "
          + "What the format is follows from the image; one that gzip has compressed "
          + "is unpacked. The serial port is on standard input and output: Ctrl-A x "
          + "quits at a terminal.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 the guest switched the machine off, reset it or halted; "
          + "((v<<1)|1)&0xff after a write of v to port 0xf4; 124 time limit; 125 guest "
          + "crash, such as a triple fault; 2 usage; 3 environment, or output that can't be "
          + "written; 141 who read standard output has gone. INT3 with an empty IDT, by "
          + "which kernels reset a machine on purpose, is a reset."
    })
final class BootCommand implements Callable<Integer> {

  private static final Duration TIME_FOR_MAPS = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
  private Path image = Path.of("");

  @Option(
      names = "--append",
      paramLabel = "CMDLINE",
      defaultValue = "",
      description = "The kernel's command line.")
  private String append = "";

  @Option(names = "--initrd", paramLabel = "FILE", description = "Linux's initial RAM disk.")
  private @Nullable Path initrd;

  @Option(
      names = "--module",
      paramLabel = "FILE[=ARGS]",
      converter = ModuleOption.class,
      description = "A module of a Multiboot or PVH kernel, any number of times.")
  private List<ModuleOption.Module> modules = List.of();

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      defaultValue = "256M",
      converter = RamOption.class,
      description = "Guest RAM, 16M to 64G. Default: ${DEFAULT-VALUE}.")
  private RamSize ram = RamSize.parse("256M");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = FormatOption.class,
      description =
          "linux, multiboot, multiboot2, pvh, flat16, flat32 or flat64. Default: by the "
              + "image's content; of several the first that fits.")
  private BootImages.@Nullable Format format;

  @Option(
      names = "--load",
      paramLabel = "ADDR",
      converter = AddressOption.class,
      description =
          "Where a flat image goes. Default: 0x7c00, 0x100000 and 0x200000 for flat16, "
              + "flat32 and flat64.")
  private @Nullable Long load;

  @Option(
      names = "--serial",
      paramLabel = "stdio|FILE|none|tcp:[HOST:]PORT|unix:FILE",
      converter = SerialTarget.Converter.class,
      description =
          "Where the serial port leads: this terminal, a file, nowhere, or a socket that it "
              + "listens on. Default: stdio.")
  private @Nullable SerialTarget serialTarget;

  @Option(
      names = "--console",
      paramLabel = "TARGET",
      converter = SerialTarget.Converter.class,
      description = "Add a virtio console that leads to TARGET, one of those of --serial.")
  private @Nullable SerialTarget console;

  @Option(
      names = "--disk",
      paramLabel = "FILE[,ro]",
      converter = DiskOption.class,
      description =
          "Add a virtio disk with this raw image, up to four. The guest's changes are kept in"
              + " memory and lost in the end; with ,ro it can make none.")
  private List<DiskOption.Disk> disks = List.of();

  @Option(
      names = "--screen",
      description =
          "Show the text screen: at a terminal while the guest runs (Ctrl-C ends it, and the"
              + " serial port leads nowhere unless --serial says otherwise), and print it at the"
              + " end.")
  private boolean screen;

  @Option(names = "--maps", description = "Print what the page tables map at the end.")
  private boolean maps;

  @Option(
      names = "--time",
      paramLabel = "MODE",
      defaultValue = "wall",
      converter = TimeOption.class,
      description =
          "What guest time goes by: wall, the host's clock; or instructions, the executed"
              + " code: runs repeat exactly. Default: ${DEFAULT-VALUE}.")
  private TimeMode time = TimeMode.WALL;

  @Option(
      names = "--profile",
      description =
          "Tell at the end why the CPU left guest code, how often and for how long; costs"
              + " up to half of the speed.")
  private boolean profile;

  @Option(
      names = "--device",
      paramLabel = "LIST",
      converter = DeviceOption.class,
      completionCandidates = DeviceOption.Described.class,
      description =
          "What the PC lacks, as in --device=-apic,-acpi: ${COMPLETION-CANDIDATES}. Default: it"
              + " has all of them.")
  private DeviceOption.@Nullable Devices devices;

  @Option(
      names = "--cpu",
      paramLabel = "NAME[,+F][,-F]",
      converter = CpuOption.class,
      description = CpuOption.DESCRIPTION)
  private CpuModel cpu = CpuModel.MAX;

  @Option(
      names = "--device-fault",
      paramLabel = "DEVICE:KIND[,...]",
      converter = FaultOption.class,
      description =
          "Let a device misbehave, any number of times, as in disk0:fail-read,skip=100,count=1 or"
              + " uart-3f8:set-read,at=0x3fd,mask=2. docs/boot.md lists the kinds.")
  private List<DeviceFault> faults = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      converter = SecondsOption.class,
      description = "End a guest that still runs then, and say where it is.")
  private @Nullable Duration timeout;

  @Mixin private DebuggingOptions debugging = new DebuggingOptions();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      converter = JsonTarget.Converter.class,
      description = "Write a report as JSON; - for standard output.")
  private @Nullable JsonTarget json;

  @Override
  public Integer call() {
    boolean live = screen && StandardStream.OUTPUT.isTerminal();
    if (live && (isAtTerminal(serialTarget) || isAtTerminal(console))) {
      throw CommandException.usage(
          "boot: --screen: the screen needs this terminal for itself (name a file or a socket"
              + " for --serial and --console)",
          null);
    }
    SerialTarget standard = live ? SerialTarget.NONE : SerialTarget.STANDARD;
    return boot(serialTarget == null ? standard : serialTarget, live);
  }

  /** As {@link #call}, to see what is mapped where and nothing else. */
  int printMaps() {
    maps = true;
    if (timeout == null) {
      timeout = TIME_FOR_MAPS;
    }
    return boot(serialTarget == null ? SerialTarget.NONE : serialTarget, false);
  }

  private static boolean isAtTerminal(@Nullable SerialTarget target) {
    return target != null && target.isStandard();
  }

  private int boot(SerialTarget serial, boolean live) {
    debugging.check("boot");
    if (load != null && (format == null || !format.isFlat())) {
      throw CommandException.usage(
          "boot: --load: only a flat image has no place of its own"
              + " (add --format flat16, flat32 or flat64)",
          null);
    }
    if (json != null) {
      if (json.isStandardOutput() && (serial.isStandard() || screen || maps)) {
        throw CommandException.usage(
            "boot: --json -: standard output is the guest's (add --serial none, or name a file)",
            null);
      }
      if (json.isStandardOutput() && isAtTerminal(console)) {
        throw CommandException.usage(
            "boot: --json -: standard output is the guest's (lead --console elsewhere, or name a"
                + " file)",
            null);
      }
      json.requireWritable();
    }
    if (console != null && console.isStandard() && serial.isStandard()) {
      throw CommandException.usage(
          "boot: --console stdio: the serial port is there already (add --serial none)", null);
    }
    BootImage kernel;
    BootRequest request;
    try {
      kernel =
          BootImages.read(
              image, format, load == null ? OptionalLong.empty() : OptionalLong.of(load));
      request = request();
    } catch (GuestImageException e) {
      throw CommandException.usage(e.getMessage(), e);
    }
    BootSession session =
        new BootSession(
            kernel,
            request,
            ram,
            serial,
            console,
            disks,
            faults,
            time,
            cpu,
            devices == null ? EnumSet.allOf(PcDevice.class) : devices.present(),
            Optional.ofNullable(timeout),
            profile ? Optional.of(new ExitProfile()) : Optional.empty());
    BootReport report = session.run(debugging, json, new BootSession.Prints(screen, live, maps));
    return report.exitStatus();
  }

  private BootRequest request() {
    return new BootRequest(
        append,
        Optional.ofNullable(initrd).map(file -> BootModule.read(file, "")),
        modules.stream().map(m -> BootModule.read(m.file(), m.arguments())).toList());
  }
}
