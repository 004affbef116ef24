package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.List;

/**
 * The information that a Multiboot kernel finds, in low memory clear of 0x8000 to 0xDFFF, where
 * kernels like to put what they start other processors with.
 */
final class MultibootInfo {

  private static final long LOW = 0xE000;
  private static final int BYTES = 116;
  private static final int MEMORY = 1;
  private static final int COMMAND_LINE = 1 << 2;
  private static final int MODULES = 1 << 3;
  private static final int SECTIONS = 1 << 5;
  private static final int MEMORY_MAP = 1 << 6;
  private static final int LOADER_NAME = 1 << 9;
  private static final int FRAMEBUFFER = 1 << 12;
  private static final int MODULE_BYTES = 16;
  private static final int MAP_ENTRY_BYTES = 24;
  private static final long TEXT_BUFFER = 0xB8000;
  private static final int TEXT_MODE = 2;
  private static final long PAGE = 4096;

  private final LoadMap map;
  private final BootRequest request;
  private final String image;
  private final BootStructure info = new BootStructure(BYTES);
  private int flags;

  MultibootInfo(LoadMap map, BootRequest request) {
    this.map = map;
    this.request = request;
    this.image = map.image();
  }

  /** Tells the kernel of its sections; those that aren't part of it are loaded above it. */
  void addSections(ElfFile elf, long end) {
    int count = elf.sectionCount();
    if (count == 0) {
      return;
    }
    byte[] headers = ElfSectionTable.place(elf, map, end);
    PhysicalAddress table = map.placeLow("section headers", headers, end, 1L << 32, 16);
    flags |= SECTIONS;
    info.int32(28, count).int32(32, elf.sectionHeaderBytes());
    info.int32(36, table.value()).int32(40, elf.sectionNames());
  }

  /** Places all of it and returns its address. */
  long place() {
    long ramBytes = map.ram().holeStart();
    flags |= MEMORY | COMMAND_LINE | MODULES | MEMORY_MAP | LOADER_NAME | FRAMEBUFFER;
    info.int32(4, MemoryMap.BASE_END >> 10);
    info.int32(8, Math.min(ramBytes - LoadMap.HIGH_START, 0xFFFF_FFFFL << 10) >> 10);
    String arguments = request.commandLine();
    String line = arguments.isEmpty() ? image : image + " " + arguments;
    info.int32(16, map.placeText("command line", line, LOW).value());
    placeModules();
    placeMemoryMap();
    info.int32(64, map.placeText("boot loader name", "kmemu", LOW).value());
    info.int64(88, TEXT_BUFFER).int32(96, 160).int32(100, 80).int32(104, 25);
    info.int8(108, 16).int8(109, TEXT_MODE);
    info.int32(0, flags);
    return map.placeLow("Multiboot information", info.toBytes(), LOW, LoadMap.LOW_END, 16).value();
  }

  private void placeModules() {
    List<BootModule> modules = request.modules();
    if (modules.isEmpty()) {
      return;
    }
    BootStructure list = new BootStructure(modules.size() * MODULE_BYTES);
    long end = map.parts().stream().mapToLong(part -> part.end().value()).max().orElse(0);
    long low = Math.max(LoadMap.HIGH_START, end);
    int at = 0;
    for (BootModule module : modules) {
      long start =
          map.placeLow("module " + module.name(), module.bytes(), low, 1L << 32, PAGE).value();
      list.int32(at, start).int32(at + 4, start + module.bytes().length);
      list.int32(at + 8, map.placeText("module arguments", module.commandLine(), LOW).value());
      at += MODULE_BYTES;
    }
    info.int32(20, modules.size());
    info.int32(24, map.placeLow("modules", list.toBytes(), LOW, LoadMap.LOW_END, 16).value());
  }

  /** Each entry begins with its size, which doesn't count itself. */
  private void placeMemoryMap() {
    List<MemoryMap.Range> ranges = MemoryMap.of(map.ram());
    BootStructure list = new BootStructure(ranges.size() * MAP_ENTRY_BYTES);
    int at = 0;
    for (MemoryMap.Range range : ranges) {
      list.int32(at, MAP_ENTRY_BYTES - Integer.BYTES);
      list.int64(at + 4, range.start()).int64(at + 12, range.bytes()).int32(at + 20, range.type());
      at += MAP_ENTRY_BYTES;
    }
    info.int32(44, (long) ranges.size() * MAP_ENTRY_BYTES);
    info.int32(48, map.placeLow("memory map", list.toBytes(), LOW, LoadMap.LOW_END, 16).value());
  }
}
