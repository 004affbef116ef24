package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuFields;
import dev.kmemu.emulator.cpu.CpuSnapshot;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.snapshot.Section;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.SnapshotFacts;
import dev.kmemu.emulator.snapshot.SnapshotFileReader;
import dev.kmemu.emulator.snapshot.SnapshotFileWriter;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** A machine's snapshots as files: one section for the CPU, many for RAM, one for each part. */
final class SnapshotFiles {

  private static final String CPU = "cpu";
  private static final String RAM = "ram";
  private static final int VERSION = 1;
  private static final int PAGES_PER_SECTION = 256;
  private static final int PAGE = VirtualAddress.PAGE_SIZE;

  /** Puts together what was read. */
  interface Assembly {
    MachineSnapshot assemble(
        RamImage ram, CpuSnapshot cpu, SortedMap<String, Snapshotable.Captured> parts);
  }

  private final Path file;
  private final PhysicalMemory ram;
  private final SortedMap<String, Section> sections = new TreeMap<>();

  private SnapshotFiles(Path file, PhysicalMemory ram) {
    this.file = file;
    this.ram = ram;
  }

  static void write(
      Path file, String engine, MachineSnapshot snapshot, SortedMap<String, Snapshotable> parts) {
    SnapshotFacts facts = new SnapshotFacts(snapshot.ram().size(), engine);
    try (SnapshotFileWriter out = new SnapshotFileWriter(file, facts)) {
      StateWriter cpu = new StateWriter();
      var fields = snapshot.cpu().state().fields();
      cpu.int32(fields.size());
      fields.forEach(
          (name, value) -> {
            cpu.text(name);
            cpu.bytes(value);
          });
      out.section(new Section(CPU, VERSION, cpu.toBytes()));
      for (var part : snapshot.parts().entrySet()) {
        Snapshotable of = parts.get(part.getKey());
        if (of != null) {
          StateWriter state = new StateWriter();
          part.getValue().write(state);
          out.section(new Section(part.getKey(), of.snapshotVersion(), state.toBytes()));
        }
      }
      writeRam(out, snapshot.ram());
      out.finish();
    } catch (IOException e) {
      throw new SnapshotException(file + ": can't be written: " + e, e);
    }
  }

  private static void writeRam(SnapshotFileWriter out, RamImage image) throws IOException {
    byte[] contents = new byte[PAGE];
    StateWriter pages = new StateWriter();
    int count = 0;
    for (long page = image.nextPage(0); page >= 0; page = image.nextPage(page + 1)) {
      image.read(page, contents, 0);
      pages.int64(page);
      pages.raw(contents, 0, PAGE);
      if (++count == PAGES_PER_SECTION) {
        out.section(new Section(RAM, VERSION, pages.toBytes()));
        pages = new StateWriter();
        count = 0;
      }
    }
    if (count > 0) {
      out.section(new Section(RAM, VERSION, pages.toBytes()));
    }
  }

  static MachineSnapshot read(
      Path file,
      PhysicalMemory ram,
      SortedMap<String, Snapshotable> parts,
      Function<CpuFields, CpuSnapshot> cpus,
      Assembly assembly) {
    return new SnapshotFiles(file, ram).read(parts, cpus, assembly);
  }

  private MachineSnapshot read(
      SortedMap<String, Snapshotable> parts,
      Function<CpuFields, CpuSnapshot> cpus,
      Assembly assembly) {
    try (SnapshotFileReader in = new SnapshotFileReader(file);
        RamImage.Builder pages = ram.imaging().newImage()) {
      if (in.facts().ramSize() != ram.end()) {
        throw refused(
            "is of a machine whose RAM ends at 0x%x, this one's ends at 0x%x: start one with as much"
                .formatted(in.facts().ramSize(), ram.end()));
      }
      for (Section section = in.next(); section != null; section = in.next()) {
        if (section.name().equals(RAM)) {
          readRam(section, pages);
        } else if (sections.put(section.name(), section) != null) {
          throw refused("has two sections " + section.name() + ": take the snapshot again");
        }
      }
      CpuSnapshot cpu = readCpu(take(CPU, VERSION), cpus);
      SortedMap<String, Snapshotable.Captured> states = new TreeMap<>();
      for (Snapshotable part : parts.values()) {
        Section section = take(part.snapshotName(), part.snapshotVersion());
        StateReader state = reader(section);
        states.put(part.snapshotName(), part.read(section.version(), state));
        state.requireEnd();
      }
      if (!sections.isEmpty()) {
        throw refused(
            "holds a state of %s, which this machine doesn't have: attach it before"
                .formatted(sections.firstKey()));
      }
      return assembly.assemble(pages.finish(), cpu, states);
    }
  }

  private void readRam(Section section, RamImage.Builder pages) {
    requireVersion(section, VERSION);
    StateReader in = reader(section);
    byte[] contents = new byte[PAGE];
    while (!in.isAtEnd()) {
      long page = in.int64();
      if (page < 0 || !ram.contains(page * PAGE, PAGE)) {
        throw in.bad("page " + page + " of " + ram.end() / PAGE);
      }
      in.raw(contents, 0, PAGE);
      pages.put(page, contents, 0);
    }
  }

  private CpuSnapshot readCpu(Section section, Function<CpuFields, CpuSnapshot> cpus) {
    StateReader in = reader(section);
    TreeMap<String, byte[]> fields = new TreeMap<>();
    for (int left = in.int32(0, section.contents().length); left > 0; left--) {
      fields.put(in.text(), in.bytes());
    }
    in.requireEnd();
    try {
      return cpus.apply(new CpuFields(fields));
    } catch (IllegalArgumentException e) {
      throw new SnapshotException(
          file + ": is of another kind of CPU: " + e.getMessage() + ": use the engine it names", e);
    }
  }

  private Section take(String name, int newest) {
    Section section = sections.remove(name);
    if (section == null) {
      throw refused("holds no state of %s, which this machine has: detach it".formatted(name));
    }
    requireVersion(section, newest);
    return section;
  }

  private void requireVersion(Section section, int newest) {
    if (section.version() > newest) {
      throw refused(
          "has version %d of section %s, this kmemu reads up to %d: use the kmemu that wrote it"
              .formatted(section.version(), section.name(), newest));
    }
  }

  private StateReader reader(Section section) {
    return new StateReader(file + ": section " + section.name(), section.contents());
  }

  private SnapshotException refused(String what) {
    return new SnapshotException(file + ": " + what);
  }
}
