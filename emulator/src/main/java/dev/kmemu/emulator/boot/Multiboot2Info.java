package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The information that a Multiboot 2 kernel finds; Multiboot2 Specification, version 2.0, 3.6. */
final class Multiboot2Info {

  private static final int END = 0;
  private static final int COMMAND_LINE = 1;
  private static final int LOADER_NAME = 2;
  private static final int MODULE = 3;
  private static final int BASIC_MEMORY = 4;
  private static final int MEMORY_MAP = 6;
  private static final int FRAMEBUFFER = 8;
  private static final int ELF_SECTIONS = 9;
  private static final int ACPI_NEW = 15;

  /** What a kernel may ask for. */
  static final Set<Integer> TYPES =
      Set.of(
          COMMAND_LINE,
          LOADER_NAME,
          MODULE,
          BASIC_MEMORY,
          MEMORY_MAP,
          FRAMEBUFFER,
          ELF_SECTIONS,
          ACPI_NEW);

  private static final int TAG_BYTES = 8;
  private static final int MAP_ENTRY_BYTES = 24;
  private static final int TEXT_MODE = 2;
  private static final long TEXT_BUFFER = 0xB8000;
  private static final long LOW = 0xE000;
  private static final long PAGE = 4096;

  private final LoadMap map;
  private final ByteArrayOutputStream tags = new ByteArrayOutputStream();

  Multiboot2Info(LoadMap map) {
    this.map = map;
  }

  /** Tells the kernel of its sections, where it has any. */
  void addSections(ElfFile elf, long end) {
    if (elf.sectionCount() == 0) {
      return;
    }
    byte[] headers = ElfSectionTable.place(elf, map, end);
    BootStructure body = new BootStructure(12 + headers.length);
    body.int32(0, elf.sectionCount()).int32(4, elf.sectionHeaderBytes());
    body.int32(8, elf.sectionNames()).bytes(12, headers, 0, headers.length);
    add(ELF_SECTIONS, body);
  }

  /** Places all of it and returns its address. */
  long place(BootRequest request) {
    addText(COMMAND_LINE, request.commandLine());
    addText(LOADER_NAME, "kmemu");
    long ramBytes = map.ram().holeStart();
    long upper = Math.min(ramBytes - LoadMap.HIGH_START, 0xFFFF_FFFFL << 10) >> 10;
    add(BASIC_MEMORY, new BootStructure(8).int32(0, MemoryMap.BASE_END >> 10).int32(4, upper));
    addModules(request.modules());
    addMemoryMap();
    BootStructure screen = new BootStructure(24);
    screen.int64(0, TEXT_BUFFER).int32(8, 160).int32(12, 80).int32(16, 25);
    add(FRAMEBUFFER, screen.int8(20, 16).int8(21, TEXT_MODE));
    RootPointer.find(map.ram()).ifPresent(this::addRoot);
    add(END, new BootStructure(0));
    byte[] all = tags.toByteArray();
    BootStructure info = new BootStructure(8 + all.length).int32(0, 8L + all.length);
    info.bytes(8, all, 0, all.length);
    // The headers of many sections don't fit below the hole.
    return map.placeLow("Multiboot 2 information", info.toBytes(), LOW, 1L << 32, 8).value();
  }

  private void addRoot(long root) {
    byte[] bytes = new byte[RootPointer.BYTES];
    map.ram().read(new PhysicalAddress(root), bytes, 0, bytes.length);
    add(ACPI_NEW, new BootStructure(bytes.length).bytes(0, bytes, 0, bytes.length));
  }

  private void addModules(List<BootModule> modules) {
    long end = map.parts().stream().mapToLong(part -> part.end().value()).max().orElse(0);
    long low = Math.max(LoadMap.HIGH_START, end);
    for (BootModule module : modules) {
      long start =
          map.placeLow("module " + module.name(), module.bytes(), low, 1L << 32, PAGE).value();
      byte[] line = text(module.commandLine());
      BootStructure body = new BootStructure(8 + line.length);
      body.int32(0, start).int32(4, start + module.bytes().length);
      add(MODULE, body.bytes(8, line, 0, line.length));
    }
  }

  private void addMemoryMap() {
    List<MemoryMap.Range> ranges = MemoryMap.of(map.ram());
    BootStructure body = new BootStructure(8 + ranges.size() * MAP_ENTRY_BYTES);
    body.int32(0, MAP_ENTRY_BYTES);
    int at = 8;
    for (MemoryMap.Range range : ranges) {
      body.int64(at, range.start()).int64(at + 8, range.bytes()).int32(at + 16, range.type());
      at += MAP_ENTRY_BYTES;
    }
    add(MEMORY_MAP, body);
  }

  private void addText(int type, String text) {
    byte[] bytes = text(text);
    add(type, new BootStructure(bytes.length).bytes(0, bytes, 0, bytes.length));
  }

  private static byte[] text(String text) {
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /** Tags begin at multiples of 8; their sizes don't count what is between. */
  private void add(int type, BootStructure body) {
    byte[] bytes = body.toBytes();
    tags.writeBytes(
        new BootStructure(TAG_BYTES).int32(0, type).int32(4, 8L + bytes.length).toBytes());
    tags.writeBytes(bytes);
    tags.writeBytes(new byte[-tags.size() & 7]);
  }
}
