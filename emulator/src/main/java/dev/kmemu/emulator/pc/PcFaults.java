package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.MmioDevice;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.device.RegisterRange;
import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.fault.FaultKind;
import dev.kmemu.emulator.fault.FaultSite;
import dev.kmemu.emulator.fault.FaultyDisk;
import dev.kmemu.emulator.fault.FaultyPin;
import dev.kmemu.emulator.fault.FaultyRegisters;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.emulator.virtio.DiskImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where the faults of a PC's devices are. Registers are those of a device by the name that
 * snapshots have for it, interrupts those of a line ({@code irq0} to {@code irq15}), disks {@code
 * disk0} and so on. On the CPU's thread.
 */
final class PcFaults implements Snapshotable {

  private static final String LINE = "irq";
  private static final String DISK = "disk";
  private static final String PART = "device.";
  private static final int MOST = 1 << 16;

  private final Machine machine;
  private final List<DiskImage> disks;

  /** By name; devices without a fault so far have none. */
  private final Map<String, FaultSite> sites = new TreeMap<>();

  private final Map<Integer, FaultyPin> pins = new TreeMap<>();

  PcFaults(Machine machine, List<DiskImage> disks) {
    this.machine = machine;
    this.disks = disks;
  }

  /** Returns a line with its faults. */
  InterruptPin line(int number, InterruptPin pin) {
    return pins.computeIfAbsent(number, n -> new FaultyPin(pin, site(LINE + n)));
  }

  /** Returns a disk with its faults. */
  DiskImage disk(int number, DiskImage disk) {
    return new FaultyDisk(disk, site(DISK + number));
  }

  private FaultSite site(String name) {
    return sites.computeIfAbsent(name, n -> new FaultSite());
  }

  /**
   * Adds a fault.
   *
   * @throws IllegalArgumentException when there is no such device, or it has no such register
   */
  void add(DeviceFault fault) {
    require(fault);
    requirePlace(fault);
    siteOf(fault).add(fault);
  }

  /** Returns the site of a fault, and puts it in front of the device where it isn't yet. */
  private FaultSite siteOf(DeviceFault fault) {
    String name = fault.device();
    FaultSite known = sites.get(name);
    if (known != null) {
      return known;
    }
    FaultSite site = site(name);
    FaultyRegisters registers = new FaultyRegisters(site);
    for (PortDevice device : machine.ports().devices()) {
      if (name.equals(nameOf(device))) {
        machine.ports().interpose(device, registers);
      }
    }
    for (MmioDevice device : machine.mmio().devices()) {
      if (name.equals(nameOf(device))) {
        machine.mmio().interpose(device, registers);
      }
    }
    return site;
  }

  /** Returns what {@code device} is called, empty when it has no name. */
  private static String nameOf(Object device) {
    if (!(device instanceof Snapshotable part)) {
      return "";
    }
    String name = part.snapshotName();
    return name.startsWith(PART) ? name.substring(PART.length()) : name;
  }

  /** Returns how far the faults are, those of a device together. */
  List<FaultSite.Progress> list() {
    return sites.values().stream().flatMap(site -> site.progress().stream()).toList();
  }

  /** Takes the faults of a device away; false when it has none. */
  boolean clear(String device) {
    FaultSite site = sites.get(device);
    if (site == null || site.progress().isEmpty()) {
      return false;
    }
    site.clear();
    return true;
  }

  private void require(DeviceFault fault) {
    FaultKind kind = fault.kind();
    List<String> names =
        kind.isOfDisks()
            ? numbered(DISK, disks.size())
            : kind.isOfInterrupts() ? numbered(LINE, PicPair.LINES) : devices();
    if (!names.contains(fault.device())) {
      throw new IllegalArgumentException(
          String.format(
              "there is no '%s' that %s could be of (there are %s)",
              fault.device(), kind.id(), names.isEmpty() ? "no disks" : String.join(", ", names)));
    }
  }

  /** A fault at an address that nothing has would never happen, and look like a sound device. */
  private void requirePlace(DeviceFault fault) {
    if (fault.at() == DeviceFault.ANYWHERE) {
      return;
    }
    if (fault.kind().isOfInterrupts()) {
      throw new IllegalArgumentException(
          String.format(
              "'%s' is a line without an address 0x%x (leave at out)", fault.device(), fault.at()));
    }
    List<RegisterRange> places = places(fault);
    if (places.stream().noneMatch(range -> range.contains(fault.at()))) {
      throw new IllegalArgumentException(
          String.format(
              "'%s' has nothing at 0x%x (it has %s)",
              fault.device(),
              fault.at(),
              places.stream().map(RegisterRange::toString).collect(Collectors.joining(", "))));
    }
  }

  private List<RegisterRange> places(DeviceFault fault) {
    String name = fault.device();
    if (fault.kind().isOfDisks()) {
      DiskImage disk = disks.get(Integer.parseInt(name.substring(DISK.length())));
      long sectors = disk.bytes() / DiskImage.SECTOR_BYTES;
      return sectors == 0 ? List.of() : List.of(new RegisterRange("sector", 0, sectors - 1));
    }
    return Stream.concat(
            machine.ports().devices().stream()
                .filter(device -> name.equals(nameOf(device)))
                .flatMap(device -> machine.ports().ranges(device).stream()),
            machine.mmio().devices().stream()
                .filter(device -> name.equals(nameOf(device)))
                .flatMap(device -> machine.mmio().ranges(device).stream()))
        .toList();
  }

  private List<String> devices() {
    return Stream.concat(machine.ports().devices().stream(), machine.mmio().devices().stream())
        .map(PcFaults::nameOf)
        .filter(name -> !name.isEmpty())
        .sorted()
        .distinct()
        .toList();
  }

  private static List<String> numbered(String name, int count) {
    return IntStream.range(0, count).mapToObj(n -> name + n).toList();
  }

  @Override
  public String snapshotName() {
    return "faults";
  }

  @Override
  public int snapshotVersion() {
    return 1;
  }

  @Override
  public Captured capture() {
    return new State(list(), pins.values().stream().mapToInt(FaultyPin::save).toArray());
  }

  @Override
  public Captured read(int version, StateReader in) {
    List<FaultSite.Progress> list = new ArrayList<>();
    int count = in.int32(0, MOST);
    for (int i = 0; i < count; i++) {
      DeviceFault fault = fault(in.text(), in);
      list.add(new FaultSite.Progress(fault, in.int64()));
    }
    int[] lines = in.ints();
    if (lines.length != pins.size()) {
      throw in.bad(lines.length + " lines in place of " + pins.size());
    }
    return new State(list, lines);
  }

  private DeviceFault fault(String text, StateReader in) {
    try {
      DeviceFault fault = DeviceFault.parse(text);
      require(fault);
      return fault;
    } catch (IllegalArgumentException e) {
      throw in.bad("a fault of no device here: " + text);
    }
  }

  private final class State implements Captured {

    private final List<FaultSite.Progress> list;
    private final int[] lines;

    State(List<FaultSite.Progress> list, int[] lines) {
      this.list = list;
      this.lines = lines;
    }

    @Override
    public void restore() {
      sites.values().forEach(FaultSite::clear);
      for (FaultSite.Progress progress : list) {
        siteOf(progress.fault()).add(progress);
      }
      int line = 0;
      for (FaultyPin pin : pins.values()) {
        pin.restore(lines[line++]);
      }
    }

    @Override
    public void write(StateWriter out) {
      out.int32(list.size());
      for (FaultSite.Progress progress : list) {
        out.text(progress.fault().text());
        out.int64(progress.occasions());
      }
      out.ints(lines);
    }
  }
}
