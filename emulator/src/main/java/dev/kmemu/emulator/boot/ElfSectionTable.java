package dev.kmemu.emulator.boot;

import java.util.Arrays;

/**
 * The section headers of an ELF kernel as it finds them: with the addresses at which its sections
 * are, those that aren't part of it loaded above it.
 */
final class ElfSectionTable {

  private static final int ALLOCATED = 2;
  private static final int NULL_SECTION = 0;
  private static final int NO_BITS = 8;

  private ElfSectionTable() {}

  /**
   * Places the sections that aren't there yet and returns the headers.
   *
   * @param end where the kernel ends
   */
  static byte[] place(ElfFile elf, LoadMap map, long end) {
    int count = elf.sectionCount();
    int bytes = elf.sectionHeaderBytes();
    BootStructure headers = new BootStructure(count * bytes);
    headers.bytes(0, elf.file().bytes(), (int) elf.sectionHeaders(), count * bytes);
    for (int i = 0; i < count; i++) {
      place(elf, map, headers, i * bytes, elf.sectionHeaders() + (long) i * bytes, end);
    }
    return headers.toBytes();
  }

  private static void place(
      ElfFile elf, LoadMap map, BootStructure headers, int at, long header, long end) {
    ImageFile file = elf.file();
    boolean wide = elf.isWide();
    boolean inMemory = (file.int32(header + 8) & ALLOCATED) != 0;
    int type = file.int32(header + 4);
    long offset = wide ? file.int64(header + 24) : file.unsigned32(header + 16);
    long size = wide ? file.int64(header + 32) : file.unsigned32(header + 20);
    if (inMemory
        || type == NULL_SECTION
        || type == NO_BITS
        || size == 0
        || !file.has(offset, size)) {
      return;
    }
    byte[] contents = Arrays.copyOfRange(file.bytes(), (int) offset, (int) (offset + size));
    long address = map.placeLow("section", contents, end, 1L << 32, 16).value();
    if (wide) {
      headers.int64(at + 16, address);
    } else {
      headers.int32(at + 12, address);
    }
  }
}
