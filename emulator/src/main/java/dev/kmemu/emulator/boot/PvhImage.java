package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * An ELF kernel with an entry for PVH, such as an unpacked Linux; Xen, docs/misc/pvh.pandoc and
 * public/arch-x86/hvm/start_info.h.
 */
public final class PvhImage implements BootImage {

  private static final String OWNER = "Xen";
  private static final int PHYS32_ENTRY = 18;
  private static final int MAGIC = 0x336E_C578;
  private static final int VERSION = 1;
  private static final int START_INFO_BYTES = 56;
  private static final int MODULE_BYTES = 32;
  private static final int MAP_ENTRY_BYTES = 24;
  private static final long LOW = 0x1_0000;
  private static final long PAGE = 4096;

  private final ImageFile file;
  private final ElfFile elf;
  private final long entry;

  private PvhImage(ImageFile file, ElfFile elf, long entry) {
    this.file = file;
    this.elf = elf;
    this.entry = entry;
  }

  /** Whether the file is ELF with a PVH entry. */
  static boolean matches(ImageFile file) {
    return ElfFile.matches(file) && ElfFile.parse(file).note(OWNER, PHYS32_ENTRY).isPresent();
  }

  /** Checks the note. */
  static PvhImage parse(ImageFile file) {
    ElfFile elf = ElfFile.parse(file);
    OptionalLong entry = elf.note(OWNER, PHYS32_ENTRY);
    if (entry.isEmpty()) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          "has no PVH entry (note 18 of Xen)",
          "name a kernel that was built with CONFIG_PVH");
    }
    if ((entry.getAsLong() & ~0xFFFF_FFFFL) != 0) {
      throw new GuestImageException(
          Reason.MALFORMED_HEADER,
          file.name(),
          String.format("has its PVH entry at 0x%x, above 4 GiB", entry.getAsLong()),
          "build it again");
    }
    return new PvhImage(file, elf, entry.getAsLong());
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    return "PVH, ELF" + (elf.isWide() ? "64" : "32");
  }

  @Override
  public Loaded load(PhysicalMemory ram, BootRequest request) {
    LoadMap map = new LoadMap(name(), ram);
    long end = elf.load(map);
    BootStructure info = new BootStructure(START_INFO_BYTES);
    info.int32(0, MAGIC).int32(4, VERSION);
    List<BootModule> modules = new ArrayList<>();
    request.initrd().ifPresent(modules::add);
    modules.addAll(request.modules());
    placeModules(map, info, modules, Math.max(end, LoadMap.HIGH_START));
    info.int64(24, map.placeText("command line", request.commandLine(), LOW).value());
    List<MemoryMap.Range> ranges = MemoryMap.of(ram);
    BootStructure list = new BootStructure(ranges.size() * MAP_ENTRY_BYTES);
    int at = 0;
    for (MemoryMap.Range range : ranges) {
      list.int64(at, range.start()).int64(at + 8, range.bytes()).int32(at + 16, range.type());
      at += MAP_ENTRY_BYTES;
    }
    info.int64(40, map.placeLow("memory map", list.toBytes(), LOW, LoadMap.LOW_END, 16).value());
    info.int32(48, ranges.size());
    RootPointer.find(ram).ifPresent(root -> info.int64(32, root));
    long start = map.placeLow("start info", info.toBytes(), LOW, LoadMap.LOW_END, 16).value();
    return new Loaded(new EntryState.Pvh((int) entry, (int) start), map.parts());
  }

  private static void placeModules(
      LoadMap map, BootStructure info, List<BootModule> modules, long low) {
    if (modules.isEmpty()) {
      return;
    }
    BootStructure list = new BootStructure(modules.size() * MODULE_BYTES);
    int at = 0;
    for (BootModule module : modules) {
      long start =
          map.placeHigh("module " + module.name(), module.bytes(), low, 1L << 31, PAGE).value();
      list.int64(at, start).int64(at + 8, module.bytes().length);
      list.int64(at + 16, map.placeText("module arguments", module.commandLine(), LOW).value());
      at += MODULE_BYTES;
    }
    info.int32(12, modules.size());
    info.int64(16, map.placeLow("modules", list.toBytes(), LOW, LoadMap.LOW_END, 16).value());
  }
}
